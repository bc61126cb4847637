/**
 * The second lease: which one agent polls and answers the chats. The same machine as for the lead, over another record; it costs
 * no request of its own to watch, because every listing of the fleet brings it along. Nothing preempts its holder. The leader
 * only leaves a free one to others first, and a holder that cannot reach the chat services lets it go to one that can.
 */
import {
  type ChatLeasePort,
  type Clock,
  type CompareAndSetResult,
  type FleetMember,
  type Logger,
  type StoreRecord,
  withDeadline,
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
  /** Resolves with the next listing of the fleet. */
  readonly nextListing: () => Promise<void>;
  /** A record as last listed. */
  readonly record: (name: string) => StoreRecord | null;
  readonly write: (name: string, previous: StoreRecord | null, next: string) => Promise<CompareAndSetResult>;
  readonly isDead: (holder: AgentIdentity) => boolean;
  readonly members: () => readonly FleetMember[];
  readonly registered: () => boolean;
  readonly defect: (what: string, error: unknown) => void;
  /** How often a listing comes at least, ms. */
  readonly listEveryMs: number;
}

/** Two looks and a claim: enough for another agent to take it. */
const LEADER_DELAY_POLLS = 3;
/** Chat services that are away for longer are given to an agent that reaches them. */
const UNREACHABLE_RELEASE_MS = 60_000;

export class ChatLease implements ChatLeasePort {
  readonly #options: ChatLeaseOptions;
  readonly #elector: Elector;
  #unreachableSinceMs: number | undefined;
  #started = false;

  constructor(options: ChatLeaseOptions) {
    this.#options = options;
    const { clock, config, logger } = options;
    this.#elector = new Elector(config, {
      clock,
      look: async () => {
        await withDeadline(clock, "listing of the fleet", 2 * options.listEveryMs, options.nextListing);
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

  /** Who reaches no chat leaves the lease to those who do; when nobody does, somebody must still tell the other channels. */
  #standing() {
    const { members, config, registered } = this.#options;
    const all = members();
    const { botId } = config.self;
    const leads = all.some((member) => member.botId === botId && member.role === "leader");
    const delayMs =
      claimRank(all, botId) * CLAIM_STAGGER_MS + (leads ? LEADER_DELAY_POLLS * config.pollMs : 0);
    const mayServe = this.#unreachableSinceMs === undefined || this.#whoReachChat().length === 0;
    return { eligible: registered() && mayServe, claimDelayMs: delayMs };
  }
}
