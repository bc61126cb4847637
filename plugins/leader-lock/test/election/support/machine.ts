/** The election machine of one agent, driven by hand: times and outcomes are given, effects are looked at. */
import type { StoreRecord } from "@jeju-oracle/kit";
import { initialState, leadsAt, nextTickMs, step } from "../../../src/election/election.ts";
import type {
  Effect,
  ElectionConfig,
  ElectionState,
  EventBody,
  In,
  Standing,
} from "../../../src/election/election-types.ts";
import {
  type AgentIdentity,
  decodeLease,
  encodeLease,
  type LeaseRecord,
} from "../../../src/election/lease-record.ts";

export const TTL_MS = 20_000;
export const MARGIN_MS = 4_000;
export const RENEW_MS = 5_000;
export const POLL_MS = 1_000;
export const RETRY_MS = 250;
export const GRACE_MS = 3_000;

export function identity(botId: string, incarnation = `${botId}-1`): AgentIdentity {
  return { botId, incarnation, host: `host-${botId}`, pid: 100 };
}

function configOf(botId: string, changes: Partial<ElectionConfig> = {}): ElectionConfig {
  return {
    self: identity(botId),
    lockPlace: undefined,
    ttlMs: TTL_MS,
    renewMs: RENEW_MS,
    marginMs: MARGIN_MS,
    pollMs: POLL_MS,
    retryMs: RETRY_MS,
    nomineeGraceMs: GRACE_MS,
    claimEmptyAtOnce: false,
    ...changes,
  };
}

let nonces = 0;

/** A record of the lease; every one is another version. */
export function recordOf(lease: Partial<LeaseRecord>): StoreRecord {
  nonces++;
  const whole = {
    term: 1,
    holder: null,
    ttlMs: TTL_MS,
    timestamp: 0,
    nonce: `made-up-${nonces}`,
    why: "",
    from: null,
    ...lease,
  };
  return stored(encodeLease(whole));
}

/** The record as a store that took it has it. */
export function stored(value: string): StoreRecord {
  nonces++;
  return { name: "lease/oracle", version: `v${nonces}`, value };
}

type Write = Extract<Effect, { kind: "write" }>;

export class Machine {
  readonly config: ElectionConfig;
  state: ElectionState = initialState();
  nowMs = 1_000_000;
  wallMs = 1_700_000_000_000;
  standing: Standing = { eligible: true, claimDelayMs: 0 };
  report: unknown;
  jitter = 0.5;
  /** Of the last step. */
  effects: readonly Effect[] = [];

  constructor(botId = "a", changes: Partial<ElectionConfig> = {}) {
    this.config = configOf(botId, changes);
  }

  feed(event: EventBody): readonly Effect[] {
    nonces++;
    const { nowMs, wallMs, standing, report, jitter } = this;
    const moment = { nowMs, wallMs, standing, report, jitter, nonce: `machine-${nonces}` };
    const { state, effects } = step(this.state, { ...moment, ...event }, this.config);
    this.state = state;
    this.effects = effects;
    return effects;
  }

  after(delayMs: number): this {
    this.nowMs += delayMs;
    return this;
  }

  tick(): readonly Effect[] {
    return this.feed({ type: "tick" });
  }

  /** Waits for the next tick that the machine asks for. */
  tickWhenDue(): readonly Effect[] {
    this.nowMs = Math.max(this.nowMs, this.dueMs());
    return this.tick();
  }

  /** A look and its reply. */
  sees(lease: StoreRecord | null, holderIsDead = false): readonly Effect[] {
    if (!("looking" in this.state && this.state.looking)) this.tickWhenDue();
    if (this.kinds().join() === "claim") throw new Error("claimed instead of looking");
    return this.feed({ type: "looked", lease, holderIsDead });
  }

  /** The write of the last step landed. */
  won(write = this.write()): StoreRecord {
    const record = stored(write.next);
    this.feed({ type: "write-won", next: write.next, record });
    return record;
  }

  lost(current: StoreRecord | null, write = this.write(), holderIsDead = false): readonly Effect[] {
    return this.feed({ type: "write-lost", next: write.next, current, holderIsDead });
  }

  unknown(write = this.write()): readonly Effect[] {
    return this.feed({ type: "write-unknown", next: write.next });
  }

  /** The write that the last step asked for. */
  write(): Write {
    const write = this.effects.find((effect) => effect.kind === "write");
    if (write === undefined) throw new Error(`no write among ${JSON.stringify(this.effects)}`);
    return write;
  }

  writtenLease(write = this.write()): LeaseRecord {
    const lease = decodeLease(write.next);
    if (lease === undefined) throw new Error(`no lease: ${write.next}`);
    return lease;
  }

  kinds(): string[] {
    return this.effects.map((effect) => (effect.kind === "write" ? effect.purpose : effect.kind));
  }

  leads(): boolean {
    return leadsAt(this.state, this.nowMs);
  }

  dueMs(): number {
    return nextTickMs(this.state, this.standing, this.config);
  }

  in<Role extends ElectionState["role"]>(role: Role): In<Role> {
    if (this.state.role !== role) throw new Error(`is ${this.state.role}, not ${role}`);
    return this.state as In<Role>;
  }

  /** Leads term 1 since this moment, after a released lease. */
  static leader(botId = "a", changes: Partial<ElectionConfig> = {}): Machine {
    const machine = new Machine(botId, changes);
    machine.sees(recordOf({ term: 0 }));
    machine.won();
    return machine;
  }
}
