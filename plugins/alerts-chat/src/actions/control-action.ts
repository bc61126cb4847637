/**
 * Something that changes the system, as data. A person sees `plan`, confirms exactly its parameters in exactly its state, then
 * `execute` runs at most once, and `verify` observes whether it had its effect: on chain or in the store, never by asking
 * `execute`.
 */
import type { z } from "zod";
import type { Role } from "../people/people.ts";
import type { SystemView } from "./system-view.ts";

/** What the person sees before: what will happen, and the state that it rests on. */
export interface Plan {
  /** A few short lines: what will be done, to what, with which effect. */
  readonly summary: readonly string[];
  /** Compared at the press: when one differs, nothing is done and the difference is shown. */
  readonly preconditions: Readonly<Record<string, string>>;
  /** What `verify` needs to know of the state before. Strings only: it travels in the proposal's record. */
  readonly baseline: Readonly<Record<string, string>>;
  /** For an owner action without the owner's key: how a person with the key does it. */
  readonly handOut?: { readonly calldata: string; readonly castCommand: string; readonly safeJson: string };
}

type Verification =
  /** The effect was observed. */
  | { readonly kind: "verified"; readonly observed: string }
  /** Not yet: look again. */
  | { readonly kind: "pending"; readonly observed: string }
  /** It can no longer have the effect. */
  | { readonly kind: "failed"; readonly observed: string };

export interface ControlAction<Params = unknown> {
  /** As in chat, with underscores: `failover`, `force_leader`. */
  readonly id: string;
  readonly title: string;
  /** `critical`: a second person confirms, 300 s; else 120 s. */
  readonly risk: "normal" | "critical";
  readonly role: Role;
  readonly params: z.ZodType<Params>;
  /** `/failover [bot]`. */
  readonly usage: string;
  readonly example: string;
  /** Reads arguments as a person types them. @throws {UsageError} with the usage and an example. */
  parse(args: readonly string[]): unknown;
  /** A dry run. @throws {BaseError} when it makes no sense as things stand. */
  plan(view: SystemView, params: Params): Promise<Plan>;
  /** @throws {BaseError} when it certainly had no effect or when that is unknown. */
  execute(
    view: SystemView,
    params: Params,
    order: {
      readonly by: string;
      readonly reason: string;
      readonly proposalId: string;
      /** Of the plan that was confirmed: what the person saw. */
      readonly baseline: Plan["baseline"];
    },
  ): Promise<void>;
  verify(view: SystemView, params: Params, plan: Plan): Promise<Verification>;
  /** How long `verify` may stay pending, ms. */
  readonly verifyWithinMs: number;
}
