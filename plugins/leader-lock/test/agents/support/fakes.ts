/** What an election has around it: a price loop and an alert sink that remember what they were told. */
import type {
  AlertCondition,
  AlertSink,
  FitnessTrouble,
  FleetDirective,
  HoldApproval,
  OracleControl,
  OracleSnapshot,
  RuntimeOverride,
} from "@jeju-oracle/kit";

const REFUSES = () => {
  throw new Error("the election asks for no such thing");
};

export class FakeOracle implements OracleControl {
  readonly obeyed: FleetDirective[] = [];
  readonly approved: HoldApproval[] = [];
  readonly applied: (readonly RuntimeOverride[])[] = [];
  looks = 0;
  state: OracleSnapshot;
  /** Thrown by the named call, while set. */
  readonly fails: { snapshot?: Error; obey?: Error; applyOverrides?: Error; lookNow?: Error } = {};
  readonly pause = REFUSES;
  readonly resume = REFUSES;
  readonly forceUpdate = REFUSES;

  constructor(botId: string) {
    this.state = {
      botId,
      healthy: true,
      unhealthyReasons: [],
      troubles: [],
      lastUpdateMs: 1_700_000_000_000,
      consecutiveFailures: 0,
      totalUpdates: 0,
      chainEthUsd8: 310_000_000_000n,
      chainElizaUsd8: 12_400_000n,
      sourceEthUsd8: 310_000_000_000n,
      sourceElizaUsd8: 12_400_000n,
      priceAgeS: 10n,
      walletBalanceWei: 1n,
      gasPriceWei: 1n,
      spotTwapSpreadBps: 0n,
      pausedBy: undefined,
      directiveId: undefined,
      inFlightAgeMs: undefined,
      lastDecision: undefined,
      lastLookAgeMs: 0,
      tag: `tag-of-${botId}`,
      lastPeerTag: undefined,
    };
  }

  snapshot(): OracleSnapshot {
    if (this.fails.snapshot !== undefined) throw this.fails.snapshot;
    return this.state;
  }

  lookNow(): void {
    this.looks++;
    if (this.fails.lookNow !== undefined) throw this.fails.lookNow;
  }

  obey(directive: FleetDirective): void {
    if (this.fails.obey !== undefined) throw this.fails.obey;
    this.obeyed.push(directive);
  }

  approveHeld(approval: HoldApproval): void {
    this.approved.push(approval);
  }

  applyOverrides(overrides: readonly RuntimeOverride[]): void {
    if (this.fails.applyOverrides !== undefined) throw this.fails.applyOverrides;
    this.applied.push(overrides);
  }

  /** Has these troubles from now on. */
  suffers(...troubles: readonly FitnessTrouble[]): void {
    this.state = { ...this.state, troubles };
  }
}

export function trouble(changes: Partial<FitnessTrouble> = {}): FitnessTrouble {
  return {
    code: "jeju-unreachable",
    text: "Jeju cannot be reached",
    shared: false,
    forMs: 30_000,
    ...changes,
  };
}

export class FakeAlerts implements AlertSink {
  /** What holds now. */
  readonly raised = new Map<string, AlertCondition>();
  /** Every call, in order: `raise <key>`, `clear <key>`. */
  readonly calls: string[] = [];

  raise(condition: AlertCondition): void {
    this.raised.set(condition.key, condition);
    this.calls.push(`raise ${condition.key}`);
  }

  clear(key: string): void {
    this.raised.delete(key);
    this.calls.push(`clear ${key}`);
  }
}
