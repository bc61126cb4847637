/** Two agents over one store in memory, with an action that only counts how often it ran. */
import {
  type Clock,
  type CoordinationStore,
  InvariantError,
  Secret,
  type SharedRecords,
  type StoreRecord,
  silentLogger,
} from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { z } from "zod";
import { MemoryStoreServer } from "../../../../leader-lock/test/support/memory-store.ts";
import type { ControlAction } from "../../../src/actions/control-action.ts";
import type { SystemView } from "../../../src/actions/system-view.ts";
import type { AuditNote } from "../../../src/audit/audit-log.ts";
import { Confirmations } from "../../../src/confirm/confirmations.ts";
import { ProposalBook } from "../../../src/confirm/proposal-book.ts";
import { TotpGuard } from "../../../src/confirm/totp-guard.ts";
import type { InboundPress } from "../../../src/conversation/inbound.ts";
import { createPeople } from "../../../src/people/operators-file.ts";
import type { People, Principal } from "../../../src/people/people.ts";

const person = (id: string, role: Principal["role"], telegram: string): Principal => ({
  id,
  role,
  telegram,
  discord: undefined,
  totp: undefined,
});
/** With an account on each platform and a generator of one-time passwords. */
export const ALICE: Principal = {
  ...person("alice", "approver", "11"),
  discord: "110000000000000001",
  totp: new Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
};
export const BOB = person("bob", "approver", "22");
export const CAROL = person("carol", "operator", "33");
export const DAN = person("dan", "viewer", "44");
export const PLACE = { platform: "telegram", chatId: "-100" } as const;

export interface World {
  readonly server: MemoryStoreServer;
  readonly clock: SimulatedClock;
  /** How often the action ran, over all agents. */
  runs: number;
  /** What is observed of it. */
  effect: boolean;
  /** Thrown by the action, after its effect. */
  failure: Error | undefined;
  /** Waited for inside the action: a process that dies there never comes back. */
  inside: Promise<unknown>;
  /** Changes the state that the plan rests on. */
  leader: string;
  /** Whether all agents have the store in common. */
  sharedStore: boolean;
  readonly notes: AuditNote[];
}

export function createWorld(): World {
  return {
    server: new MemoryStoreServer(),
    clock: new SimulatedClock(),
    runs: 0,
    effect: false,
    failure: undefined,
    inside: Promise.resolve(),
    leader: "bot-1",
    sharedStore: true,
    notes: [],
  };
}

export interface Agent {
  readonly confirmations: Confirmations;
  readonly book: ProposalBook;
  readonly actions: ReadonlyMap<string, ControlAction>;
  readonly people: People;
  readonly incarnation: string;
}

/** @param isAlive which incarnations the agent believes to live. @param pause waited for before each store operation. */
export function createAgent(
  world: World,
  botId: string,
  risk: ControlAction["risk"],
  isAlive: (incarnation: string) => boolean = () => true,
  pause: () => Promise<void> = async () => undefined,
): Agent {
  const records = recordsOver(world.server.client(botId), pause);
  const book = new ProposalBook(records);
  const incarnation = `${botId}-${crypto.randomUUID()}`;
  const clock: Clock = world.clock;
  const actions = new Map([["count", countingAction(world, risk)]]);
  const people = createPeople([ALICE, BOB, CAROL, DAN], []);
  const confirmations = new Confirmations({
    view: viewOf(world, botId, records),
    actions,
    people,
    book,
    totp: new TotpGuard(records, clock),
    audit: { write: (note) => void world.notes.push(note) },
    clock,
    logger: silentLogger,
    botId,
    incarnation,
    isAlive: (executor) => executor.incarnation === incarnation || isAlive(executor.incarnation),
    changed: () => undefined,
  });
  return { confirmations, book, actions, people, incarnation };
}

function countingAction(world: World, risk: ControlAction["risk"]): ControlAction {
  return {
    id: "count",
    title: "Count",
    risk,
    role: "operator",
    params: z.object({ n: z.number() }),
    usage: "/count",
    example: "/count",
    verifyWithinMs: 5_000,
    parse: () => ({ n: 1 }),
    plan: async () => ({ summary: ["counts"], preconditions: { leader: world.leader }, baseline: {} }),
    execute: async () => {
      world.runs += 1;
      world.effect = true;
      await world.inside;
      if (world.failure !== undefined) throw world.failure;
    },
    verify: async () =>
      world.effect ? { kind: "verified", observed: "counted" } : { kind: "pending", observed: "not counted" },
  };
}

/** The press of `principal` on the card of a proposal. */
export function pressOf(
  principal: Principal,
  data: string,
  eventId: string = crypto.randomUUID(),
): InboundPress {
  return {
    kind: "press",
    eventId,
    caller: {
      platform: "telegram",
      userId: principal.telegram ?? "",
      displayName: principal.id,
      isBot: false,
      isAnonymous: false,
    },
    place: PLACE,
    messageId: "card",
    data,
  };
}

function recordsOver(store: CoordinationStore, pause: () => Promise<void>): SharedRecords {
  const signal = new AbortController().signal;
  return {
    available: true,
    reachable: () => true,
    read: async (name) => {
      await pause();
      return store.read(name, signal);
    },
    list: async (prefix) => {
      await pause();
      return store.list(prefix, signal);
    },
    cas: async (name: string, previous: StoreRecord | null, next: string | null) => {
      await pause();
      return store.cas(name, previous, next, signal);
    },
    watch: () => () => undefined,
  };
}

function viewOf(world: World, botId: string, records: SharedRecords): SystemView {
  return {
    botId,
    clock: world.clock,
    logger: silentLogger,
    snapshot: () => undefined,
    leadership: () => undefined,
    members: () => [],
    storeReachable: () => true,
    storeShared: () => world.sharedStore,
    fleet: undefined,
    records,
    get owner(): never {
      throw new InvariantError("this action needs no owner");
    },
  };
}
