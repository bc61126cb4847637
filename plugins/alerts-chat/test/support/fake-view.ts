/** A system as one agent sees it, in memory: what is asked of it is written down and changes nothing by itself. */
import {
  type FleetControl,
  type FleetMember,
  type LeadershipStatus,
  type OracleSnapshot,
  type SharedRecords,
  silentLogger,
} from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import type { SystemView } from "../../src/actions/system-view.ts";
import type { OracleOnChain, OwnerCall, OwnerOffice } from "../../src/owner/owner-office.ts";

export const ETH8 = 324_567_000_000n;
export const ELIZA8 = 8_420_000n;

/** Everything that can be otherwise in a test. */
export class FakeSystem {
  readonly clock = new SimulatedClock();
  readonly asked: unknown[] = [];
  readonly sent: OwnerCall[] = [];
  readonly values = new Map<string, string>();
  snapshot: OracleSnapshot | undefined = snapshotWith();
  leadership: LeadershipStatus | undefined = {
    role: "leader",
    term: 6,
    leaderId: "bot-1",
    validForMs: 15_000,
  };
  members: FleetMember[] = [memberWith("bot-1", { role: "leader" }), memberWith("bot-2")];
  hasFleet = true;
  storeReachable = true;
  storeShared = true;
  hasKey = true;
  paymaster: string | undefined = `0x${"22".repeat(20)}`;
  paymasterPaused: boolean | undefined = false;
  chain: OracleOnChain = {
    ethUsd8: ETH8,
    elizaUsd8: ELIZA8,
    lastUpdateS: 1_700_000_000n,
    fresh: true,
    owner: `0x${"33".repeat(20)}`,
    priceUpdater: `0x${"44".repeat(20)}`,
    paused: undefined,
    blockTimestampS: 1_700_000_012n,
  };
  /** Thrown by a simulation: the contract refuses. */
  refusal: Error | undefined;
  /** Thrown by every read of Jeju. */
  outage: Error | undefined;

  lead(leaderId: string | undefined, term: number): void {
    this.leadership = { role: "follower", term, leaderId, validForMs: undefined };
  }

  /** Every member obeys a directive. */
  obey(directiveId: string, changes: Partial<FleetMember> = {}): void {
    this.members = this.members.map((member) => ({ ...member, directiveId, ...changes }));
  }

  change(botId: string, changes: Partial<FleetMember>): void {
    this.members = this.members.map((member) =>
      member.botId === botId ? { ...member, ...changes } : member,
    );
  }

  view(): SystemView {
    const system = this;
    return {
      botId: "bot-1",
      clock: this.clock,
      logger: silentLogger,
      snapshot: () => this.snapshot,
      leadership: () => this.leadership,
      members: () => this.members,
      storeReachable: () => this.storeReachable,
      storeShared: () => this.storeShared,
      get fleet() {
        return system.hasFleet ? system.#control() : undefined;
      },
      records: this.#records(),
      get owner() {
        return system.#owner();
      },
    };
  }

  #control(): FleetControl {
    const taking = (what: string) => async (request: unknown) => {
      this.asked.push([what, request]);
      return { id: "intent", term: 6, leaderId: "bot-1" };
    };
    return {
      failover: taking("failover"),
      forceLeader: taking("forceLeader"),
      pause: taking("pause"),
      resume: taking("resume"),
      restart: taking("restart"),
      set: taking("set"),
      approve: taking("approve"),
    };
  }

  #records(): SharedRecords {
    return {
      available: true,
      reachable: () => true,
      read: async (name) => {
        const value = this.values.get(name);
        return value === undefined ? null : { name, value, version: `version of ${value}` };
      },
      list: async () => [],
      cas: async () => ({ won: true, record: null }),
      watch: () => () => undefined,
    };
  }

  #owner(): OwnerOffice {
    const call = (description: string): OwnerCall => ({
      to: `0x${"55".repeat(20)}`,
      data: "0x",
      description,
    });
    const readable = <T>(value: T): T => {
      if (this.outage !== undefined) throw this.outage;
      return value;
    };
    return {
      hasKey: this.hasKey,
      oracleAddress: `0x${"55".repeat(20)}`,
      paymasterAddress: this.paymaster,
      readOracle: async () => readable(this.chain),
      readPaymasterPaused: async () => readable(this.paymasterPaused),
      emergencyPriceCall: (eth, eliza) => call(`emergencyPriceUpdate(${eth}, ${eliza})`),
      unpauseOracleCall: () => call("unpause oracle"),
      pausePaymasterCall: () => call("pause paymaster"),
      unpausePaymasterCall: () => call("unpause paymaster"),
      handOut: ({ data }) => ({ calldata: data, castCommand: "cast send", safeJson: "{}" }),
      simulate: async () => {
        if (this.refusal !== undefined) throw this.refusal;
      },
      send: async (sent) => {
        this.sent.push(sent);
        return { transactionHash: "0x1" };
      },
      liveSources: async () => [
        { name: "Chainlink on Base", ethUsd8: ETH8, elizaUsd8: undefined, detail: "12 s old" },
      ],
    };
  }
}

export function memberWith(botId: string, changes: Partial<FleetMember> = {}): FleetMember {
  return {
    botId,
    incarnation: `${botId}-first`,
    host: `host-of-${botId}`,
    pid: 4_242,
    version: "0.1.0",
    configHash: "0123",
    priority: 100,
    nofailover: false,
    role: "follower",
    alive: true,
    silentForMs: 1_000,
    healthy: true,
    unhealthyReasons: [],
    fit: true,
    unfitReasons: [],
    lastUpdateMs: 1_700_000_000_000,
    chainEthUsd8: ETH8,
    chainElizaUsd8: ELIZA8,
    sourceEthUsd8: ETH8,
    sourceElizaUsd8: ELIZA8,
    decision: "skip unchanged",
    wouldPush: undefined,
    directiveId: undefined,
    pausedBy: undefined,
    inFlight: false,
    tag: undefined,
    chatReachable: undefined,
    ...changes,
  };
}

export function snapshotWith(changes: Partial<OracleSnapshot> = {}): OracleSnapshot {
  return {
    botId: "bot-1",
    healthy: true,
    unhealthyReasons: [],
    troubles: [],
    lastUpdateMs: 1_700_000_000_000,
    consecutiveFailures: 0,
    totalUpdates: 142,
    chainEthUsd8: ETH8,
    chainElizaUsd8: ELIZA8,
    sourceEthUsd8: ETH8,
    sourceElizaUsd8: ELIZA8,
    priceAgeS: 12n,
    walletBalanceWei: 42_100_000_000_000_000n,
    gasPriceWei: 1_200_000_000n,
    spotTwapSpreadBps: 3n,
    pausedBy: undefined,
    directiveId: undefined,
    inFlightAgeMs: undefined,
    lastDecision: { kind: "skip", reason: "unchanged", detail: "", wouldPush: undefined, atWallMs: 0 },
    lastLookAgeMs: 1_000,
    tag: "abcd",
    lastPeerTag: undefined,
    ...changes,
  };
}
