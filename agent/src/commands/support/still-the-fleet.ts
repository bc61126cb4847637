/** Makes sure that no agent's update lands around an owner's: pauses the fleet, and waits until nothing is in flight. */
import { BaseError, describeError, type Requester, sleep } from "@jeju-oracle/kit";
import { type OwnerOffice, updaterInFlight } from "@jeju-oracle/plugin-alerts-chat/operator";
import { describeMs } from "./duration.ts";
import type { OperatorSession } from "./operator-session.ts";
import { judgeQuiet, type SilenceWatch } from "./quiet-fleet.ts";
import type { FleetSession } from "./session.ts";
import { waitForFleet } from "./waiting.ts";

/** An agent resolves what it sent within TX_DEADLINE_MS (20 s) and some blocks. */
const IN_FLIGHT_MS = 120_000;
/** What a dead agent sent either lands within some blocks, or stays in a pool until somebody replaces it. */
const ORPHAN_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** What came of it. */
export interface Stillness {
  /** Why an update of an agent may still land, in words; undefined when none can. */
  readonly doubt: { readonly why: string; readonly nextStep: string } | undefined;
  /** Whether a pause stands in the store. */
  readonly paused: boolean;
  readonly lines: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** @throws {StoreUnavailableError} {StoreUnusableError} when the pause could not be written. */
export async function stillTheFleet(
  session: OperatorSession,
  asked: Requester,
  watch: SilenceWatch,
  owner: OwnerOffice,
): Promise<Stillness> {
  const onStore = await pauseFleet(session, asked, watch);
  if (onStore.doubt !== undefined) return onStore;
  const orphan = await waitForOrphan(session, owner);
  return {
    ...onStore,
    ...orphan,
    lines: [...onStore.lines, ...orphan.lines],
    data: { ...onStore.data, ...orphan.data },
  };
}

async function pauseFleet(
  { fleet, storeProblem }: OperatorSession,
  asked: Requester,
  watch: SilenceWatch,
): Promise<Stillness> {
  const nothing = (why: string): Stillness => ({ doubt: undefined, paused: false, lines: [why], data: {} });
  if (fleet === undefined) return nothing(`Nothing was paused: the store does not answer (${storeProblem}).`);
  const before = await fleet.office.report();
  if (before.lease === undefined && before.members.length === 0) {
    return nothing(`Nothing was paused: ${before.store} has never held a fleet.`);
  }
  return pauseKnown(fleet, asked, watch, before.lease?.ttlMs ?? 0);
}

async function pauseKnown(
  fleet: FleetSession,
  asked: Requester,
  watch: SilenceWatch,
  leaseTtlMs: number,
): Promise<Stillness> {
  const { office, clock } = fleet;
  const { renewMs, pollMs } = office.timing;
  const ttlMs = Math.max(2 * renewMs + pollMs, office.timing.ttlMs, leaseTtlMs);
  const receipt = await office.control.pause(asked);
  const judge = judgeQuiet(receipt, watch, ttlMs, () => clock.monotonicMs());
  const outcome = await waitForFleet(fleet, judge, { deadlineMs: ttlMs + IN_FLIGHT_MS });
  const took = describeMs(outcome.elapsedMs);
  const pause = { requestId: receipt.id, elapsedMs: Math.round(outcome.elapsedMs) };
  if (outcome.kind === "done") {
    const { text, data } = outcome.success;
    const gone = data.gone as readonly string[];
    const rest = gone.length === 0 ? "" : `; gone: ${gone.join(", ")}`;
    return {
      doubt: undefined,
      paused: true,
      lines: [`The fleet is paused, ${took}. ${text}${rest}.`],
      data: { pause: { ...pause, ...data } },
    };
  }
  const { why, nextStep } = outcome;
  return {
    doubt: { why, nextStep },
    paused: true,
    lines: [`After ${took} the fleet is not quiet: ${why}. The pause stands in the store.`],
    data: { pause },
  };
}

type OrphanCheck = Pick<Stillness, "doubt" | "lines" | "data">;

/** The chain's word: it also tells of what an agent left behind that is gone. */
async function waitForOrphan(session: OperatorSession, owner: OwnerOffice): Promise<OrphanCheck> {
  const { clock, env, interrupted, terminal } = session;
  const { priceUpdater } = await owner.readOracle();
  const endMs = clock.monotonicMs() + ORPHAN_MS;
  for (;;) {
    const inFlight = await askChain(() => updaterInFlight(env, clock, priceUpdater));
    if (inFlight === false) {
      return {
        doubt: undefined,
        lines: ["Nothing of the updater is in flight on Jeju."],
        data: { inFlight },
      };
    }
    if (inFlight === undefined) {
      const line = "The oracle's updater is a contract: what its bots have in flight cannot be looked up.";
      return { doubt: undefined, lines: [line], data: { inFlight: null } };
    }
    const why =
      inFlight === true
        ? `a transaction of the updater ${priceUpdater} may still land`
        : `whether something is in flight cannot be read (${inFlight.message})`;
    if (clock.monotonicMs() >= endMs || interrupted.aborted) {
      const nextStep = "Look at the chain; once it landed or was replaced, give the command again.";
      return { doubt: { why, nextStep }, lines: [`${why}.`], data: { inFlight: true } };
    }
    terminal.status(`${why}: waiting`);
    await sleep(clock, LOOK_EVERY_MS, interrupted);
    terminal.status("");
  }
}

interface Unread {
  readonly message: string;
}

async function askChain(ask: () => Promise<boolean | undefined>): Promise<boolean | undefined | Unread> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    return { message: describeError(error) };
  }
}
