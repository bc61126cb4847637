/**
 * The elizaOS services behind the ports `leadership`, `fleet` and `coordination`: faces of one election. Each ends what it is for:
 * `leadership` lets the lead go, `coordination` what other plugins need until their own end.
 */
import { type IAgentRuntime, Service } from "@elizaos/core";
import {
  type ApprovalRequest,
  agentContextOf,
  type ChatLeasePort,
  type Coordination,
  type FailoverRequest,
  type FleetControl,
  type FleetMember,
  type FleetView,
  findPort,
  type IntentReceipt,
  InvariantError,
  type Leadership,
  type LeadershipGrant,
  type LeadershipRefusal,
  type LeadershipStatus,
  type OverrideRequest,
  type PauseRequest,
  type Requester,
  type SharedRecords,
} from "@jeju-oracle/kit";
import { assembleLeaderLock } from "./assembly.ts";
import { loadLeaderLockConfig } from "./config.ts";
import { ownIdentity, ownProcess } from "./identity/own-identity.ts";
import { probeProcess } from "./identity/process-probe.ts";
import type { LeaderLock } from "./leader-lock.ts";
import { lockPlaceOf } from "./lock-file/lock-file.ts";
import { Standalone } from "./standalone.ts";
import { openStore } from "./stores/open-store.ts";

type Part = LeaderLock | Standalone;

/** One election per runtime, whichever service asks first. */
const parts = new WeakMap<IAgentRuntime, Promise<Part>>();

function partOf(runtime: IAgentRuntime): Promise<Part> {
  const present = parts.get(runtime);
  if (present !== undefined) return present;
  const opened = open(runtime);
  parts.set(runtime, opened);
  return opened;
}

/** @throws {ConfigError} when the configuration is wrong. */
async function open(runtime: IAgentRuntime): Promise<Part> {
  const context = agentContextOf(runtime);
  const { botId, env, logger, metrics, clock } = context;
  const config = loadLeaderLockConfig(env);
  if (config.election === "standalone") {
    logger.info(`Bot ${botId} became leader`, { role: "standalone", term: 0 });
    return new Standalone(botId, metrics);
  }
  const own = ownProcess();
  const lock = assembleLeaderLock({
    config,
    self: ownIdentity(botId),
    facts: {
      version: context.version,
      configHash: context.configHash(),
      priority: config.priority,
      nofailover: config.nofailover,
    },
    store: await openStore(config.storeUrl, { ...config.timing, clock, logger }),
    clock,
    logger,
    metrics,
    lockPlace: lockPlaceOf(config.lockFile, own),
    probe: (identity) => probeProcess(identity.process, own),
    oracle: () => findPort(runtime, "oracle-updater"),
    alerts: () => findPort(runtime, "alerts"),
    endProcess: context.endProcess,
  });
  lock.start();
  return lock;
}

export class LeadershipService extends Service implements Leadership {
  static override serviceType = "leadership" as const;
  override capabilityDescription = "Tells whether this agent may push prices.";
  readonly #part: Part;

  /** The runtime builds services by {@link start} alone; its type demands that every parameter is optional. */
  constructor(runtime?: IAgentRuntime, part?: Part) {
    super(runtime);
    if (part === undefined) throw new InvariantError("LeadershipService is built by start()");
    this.#part = part;
  }

  /** @throws {ConfigError} when the configuration is wrong. */
  static override async start(runtime: IAgentRuntime): Promise<LeadershipService> {
    return new LeadershipService(runtime, await partOf(runtime));
  }

  /** Refuses every later guard, then lets the lease go. Records and the chat lease stay. */
  async stop(): Promise<void> {
    await this.#part.stopLeading();
  }

  guard(minRemainingMs: number, priceAgeMs?: number): LeadershipGrant | LeadershipRefusal {
    return this.#part.guard(minRemainingMs, priceAgeMs);
  }

  leadershipStatus(): LeadershipStatus {
    return this.#part.leadershipStatus();
  }
}

export class FleetService extends Service implements FleetView, FleetControl {
  static override serviceType = "fleet" as const;
  override capabilityDescription = "Tells who belongs to the fleet and passes on what operators ask of it.";
  readonly #part: Part;

  /** The runtime builds services by {@link start} alone; its type demands that every parameter is optional. */
  constructor(runtime?: IAgentRuntime, part?: Part) {
    super(runtime);
    if (part === undefined) throw new InvariantError("FleetService is built by start()");
    this.#part = part;
  }

  /** @throws {ConfigError} when the configuration is wrong. */
  static override async start(runtime: IAgentRuntime): Promise<FleetService> {
    return new FleetService(runtime, await partOf(runtime));
  }

  /** The other services end what they share. */
  async stop(): Promise<void> {}

  members(): readonly FleetMember[] {
    return this.#part.members();
  }

  storeReachable(): boolean {
    return this.#part.storeReachable();
  }

  storeShared(): boolean {
    return this.#part.storeShared();
  }

  failover(request: FailoverRequest): Promise<IntentReceipt> {
    return this.#part.control.failover(request);
  }

  forceLeader(request: FailoverRequest & { readonly to: string }): Promise<IntentReceipt> {
    return this.#part.control.forceLeader(request);
  }

  pause(request: PauseRequest): Promise<IntentReceipt> {
    return this.#part.control.pause(request);
  }

  resume(request: Requester): Promise<IntentReceipt> {
    return this.#part.control.resume(request);
  }

  restart(request: Requester & { readonly botId: string }): Promise<IntentReceipt> {
    return this.#part.control.restart(request);
  }

  set(request: OverrideRequest): Promise<IntentReceipt> {
    return this.#part.control.set(request);
  }

  approve(request: ApprovalRequest): Promise<IntentReceipt> {
    return this.#part.control.approve(request);
  }
}

export class CoordinationService extends Service implements Coordination {
  static override serviceType = "coordination" as const;
  override capabilityDescription = "Keeps records that the fleet shares, and tells who answers the chats.";
  readonly records: SharedRecords;
  readonly chatLease: ChatLeasePort;
  readonly #part: Part;

  /** The runtime builds services by {@link start} alone; its type demands that every parameter is optional. */
  constructor(runtime?: IAgentRuntime, part?: Part) {
    super(runtime);
    if (part === undefined) throw new InvariantError("CoordinationService is built by start()");
    this.#part = part;
    this.records = part.records;
    this.chatLease = part.chatLease;
  }

  /** @throws {ConfigError} when the configuration is wrong. */
  static override async start(runtime: IAgentRuntime): Promise<CoordinationService> {
    return new CoordinationService(runtime, await partOf(runtime));
  }

  /** Lets the chat lease go and closes the store; the lead too, where it is still held. */
  async stop(): Promise<void> {
    await this.#part.stop();
  }
}
