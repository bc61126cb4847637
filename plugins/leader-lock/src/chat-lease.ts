/**
 * The second lease: which one agent polls and answers the chats. The same machine as for the lead, over another record. A follower
 * watches it at no cost, because every listing of the fleet brings it along; a leader lists only as it renews, and asks for more
 * while it waits for this lease. Nothing preempts its holder. The leader only leaves a free one to others first, and a holder that
 * cannot reach the chat services lets it go to one that can.
 */
import type {
  ChatLeasePort,
  Clock,
  CompareAndSetResult,
  FleetMember,
  Logger,
  StoreRecord,
} from "@jeju-oracle/kit";
import type { ElectionConfig } from "./election/election-types.ts";
import { Elector } from "./election/elector.ts";
import { type AgentIdentity, decodeLease } from "./election/lease-record.ts";
import { CHAT_LEASE } from "./fleet/names.ts";
import { CLAIM_STAGGER_MS, claimRank } from "./fleet/standing.ts";

export interface ChatLeaseOptions {
  readonly config: ElectionConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when the fleet was listed within about a poll. @throws when the store does not answer. */
  readonly listing: () => Promise<void>;
  /** A record as last listed. */
  readonly record: (name: string) => StoreRecord | null;
  readonly write: (name: string, previous: StoreRecord | null, next: string) => Promise<CompareAndSetResult>;
  readonly isDead: (holder: AgentIdentity) => boolean;
  readonly members: () => readonly FleetMember[];
  readonly registered: () => boolean;
  readonly defect: (what: string, error: unknown) => void;
}

/** Two looks and a claim: enough for another agent to take it. */
const LEADER_DELAY_POLLS = 3;
/** Chat services that are away for longer are given to an agent that reaches them. */
const UNREACHABLE_RELEASE_MS = 60_000;

export class ChatLease implements ChatLeasePort {
  readonly #options: ChatLeaseOptions;
  readonly #elector: Elector;
  /** The version that was listed last. */
  #listed: string | undefined;
  #isLooking = false;
  #unreachableSinceMs: number | undefined;
  #started = false;

  constructor(options: ChatLeaseOptions) {
    this.#options = options;
    const { clock, config, logger } = options;
    this.#elector = new Elector(config, {
      clock,
      look: async () => {
        this.#isLooking = true;
        try {
          await options.listing();
        } finally {
          this.#isLooking = false;
        }
        return options.record(CHAT_LEASE);
      },
      write: (previous, next) => options.write(CHAT_LEASE, previous, next),
      isDead: options.isDead,
      standing: () => this.#standing(),
      report: () => null,
      on: (effect) => {
        if (effect.kind === "elected") logger.info("This agent answers the chats", { term: effect.term });
        if (effect.kind === "demoted")
          logger.info("This agent no longer answers the chats", { why: effect.why });
      },
      defect: options.defect,
    });
  }

  /** Takes part from now on: only an agent with a chat service does. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#elector.start();
  }

  /** The fleet was listed. A change of the lease is seen at once: the time that a silent holder has left counts from then. */
  listed(): void {
    const version = this.#options.record(CHAT_LEASE)?.version;
    if (version === this.#listed) return;
    this.#listed = version;
    if (!this.#isLooking && !this.holds()) this.#elector.lookSoon();
  }

  /** Lets the lease go, if held; gives up after `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    await this.#elector.stop(`${this.#options.config.self.botId} shut down`, deadlineMs);
  }

  /** Takes no part for good. */
  withdraw(why: string): void {
    this.#elector.resign(why, Number.MAX_SAFE_INTEGER);
  }

  /** Whether this agent may poll and answer now. Ask at every use. */
  holds(): boolean {
    return this.#started && this.#elector.leads();
  }

  holderId(): string | undefined {
    const record = this.#options.record(CHAT_LEASE);
    return record === null ? undefined : decodeLease(record.value)?.holder?.botId;
  }

  /** Whether this agent reaches the chat services; undefined when it takes no part. */
  get reachable(): boolean | undefined {
    return this.#started ? this.#unreachableSinceMs === undefined : undefined;
  }

  /** Tells whether the chat services answered. A holder cut off for a minute lets go when another member is not. */
  reportReachable(reachable: boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (reachable) {
      this.#unreachableSinceMs = undefined;
      return;
    }
    this.#unreachableSinceMs ??= nowMs;
    if (!this.holds() || nowMs - this.#unreachableSinceMs < UNREACHABLE_RELEASE_MS) return;
    const others = this.#whoReachChat();
    const other = others.find(({ role }) => role !== "leader") ?? others[0];
    if (other === undefined) return;
    this.#elector.resign("the chat services are out of reach", UNREACHABLE_RELEASE_MS, other.botId);
  }

  /** Other members that reach the chat services. */
  #whoReachChat(): readonly FleetMember[] {
    const { members, config } = this.#options;
    return members().filter(
      ({ botId, alive, chatReachable }) => botId !== config.self.botId && alive && chatReachable === true,
    );
  }

  /**
   * Who reaches no chat leaves the lease to those who do; when nobody does, somebody must still tell the other channels. A leader
   * waits for nobody but agents that may want the lease: not for the holder that let it run out, nor, once somebody has held it,
   * for those that never chat.
   */
  #standing() {
    const { members, config, registered, record } = this.#options;
    const { botId } = config.self;
    const held = record(CHAT_LEASE);
    const holder = held === null ? null : decodeLease(held.value)?.holder;
    const contenders = members().filter((member) => {
      if (member.botId === botId || holder == null) return true;
      return member.botId !== holder.botId && member.chatReachable !== undefined;
    });
    const leads = contenders.some((member) => member.botId === botId && member.role === "leader");
    const othersFirst = leads && contenders.some((member) => member.botId !== botId && member.alive);
    const delayMs =
      claimRank(contenders, botId) * CLAIM_STAGGER_MS +
      (othersFirst ? LEADER_DELAY_POLLS * config.pollMs : 0);
    const mayServe = this.#unreachableSinceMs === undefined || this.#whoReachChat().length === 0;
    return { eligible: registered() && mayServe, claimDelayMs: delayMs };
  }
}
