/** Whole alert centers of several agents over one store in memory, one chat and one clock. */
import { type FleetMember, type LeadershipStatus, type Logger, silentLogger } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { Registry } from "prom-client";
import { AlertCenter } from "../../../src/alerts/alert-center.ts";
import type { AlertDesk } from "../../../src/alerts/alert-desk.ts";
import { memberWith } from "../../support/fake-view.ts";
import { recordsOver, TestFolder, TestStore } from "./agents.ts";
import { T0 } from "./observations.ts";
import { TeamChat, TestIncidents } from "./team-chat.ts";

export interface CenterWishes {
  readonly channels?: readonly string[];
  readonly logger?: Logger;
  readonly hasStore?: boolean;
  readonly hasIncidents?: boolean;
}

export interface TestCenter {
  readonly center: AlertCenter;
  readonly desk: AlertDesk;
  readonly metrics: Registry;
  /** Ends it as SIGTERM does. */
  stop(): Promise<void>;
}

export class TellingFleet {
  readonly clock = new SimulatedClock(T0);
  readonly store = new TestStore();
  readonly folder = new TestFolder();
  readonly chat = new TeamChat(() => this.clock.monotonicMs());
  readonly incidents = new TestIncidents();
  readonly audit: string[] = [];
  oncall: readonly string[] = ["ann", "bob"];
  /** Who holds the chat lease. */
  holder: string | undefined = "bot-1";
  /** For a while a lease is held although its store is away. */
  leaseOutlivesStore = false;
  leader: string | undefined = "bot-1";
  term = 1;
  /** Whether the others believe that the agent lives. */
  members: FleetMember[] = [];
  readonly #centers = new Map<string, TestCenter>();

  /** Starts an agent; a second one of this name continues on the first one's disk. */
  async add(botId: string, wishes: CenterWishes = {}): Promise<TestCenter> {
    const { channels = ["telegram"], logger = silentLogger, hasStore = true, hasIncidents = false } = wishes;
    const metrics = new Registry();
    const { clock } = this;
    const center = new AlertCenter({ botId, stateDir: this.folder.path, clock, logger, metrics });
    const isReached = () => !this.store.cutOff.has(botId);
    this.members = [
      ...this.members.filter((member) => member.botId !== botId),
      memberWith(botId, { silentForMs: 0 }),
    ];
    const desk = center.connect({
      coordination: {
        records: recordsOver(hasStore ? this.store.client(botId) : undefined, isReached),
        chatLease: {
          start: () => undefined,
          holds: () => this.holder === botId && (isReached() || this.leaseOutlivesStore),
          holderId: () => this.holder,
          reportReachable: () => undefined,
        },
      },
      members: () => this.members,
      leadership: () => this.#leadershipOf(botId),
      channels: channels.map((id) => this.chat.channel(id, botId)),
      episodes: hasIncidents ? [this.incidents.channel()] : [],
      oncall: () => this.oncall,
      audit: { write: ({ who, what, detail }) => void this.audit.push(`${who} ${what} ${detail}`) },
    });
    const stop = async () => {
      this.#centers.delete(botId);
      await center.stop();
    };
    const test: TestCenter = { center, desk, metrics, stop };
    this.#centers.set(botId, test);
    await clock.advance(0);
    return test;
  }

  /** The process is gone at once: what was under way never returns, and others see it silent. */
  async kill(botId: string): Promise<void> {
    await this.#centers.get(botId)?.stop();
    this.seeSilent(botId, 0);
  }

  seeSilent(botId: string, silentForMs: number): void {
    this.members = this.members.map((member) =>
      member.botId === botId ? { ...member, alive: false, silentForMs } : member,
    );
  }

  #leadershipOf(botId: string): LeadershipStatus {
    const role = this.leader === botId ? "leader" : "follower";
    return {
      role,
      term: this.term,
      leaderId: this.leader,
      validForMs: role === "leader" ? 10_000 : undefined,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#centers.values()].map((center) => center.stop()));
    this.folder[Symbol.dispose]();
  }
}

export function condition(key: string, severity: "critical" | "warning" | "info", summary = `${key} holds`) {
  return { key, severity, summary, nextStep: "Look at it." };
}
