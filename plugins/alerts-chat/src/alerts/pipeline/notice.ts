/** What the pipeline carries: something that one channel could be told, with what is needed to decide whether it shall be. */
import type { SentReference } from "../../conversation/outbound.ts";
import type { Alert } from "../alert.ts";
import type { Silence } from "../silence.ts";

export interface NoticeEntry {
  readonly alert: Alert;
  /** Key of the slot that remembers it. */
  readonly slot: string;
  /** What the message shows of this alert. */
  readonly shows: string;
}

export interface Notice {
  readonly kind: "send" | "edit";
  /** `main`: the alert itself. `escalation`: nobody took care in time, the next person is named. */
  readonly what: "main" | "escalation";
  readonly severity: Alert["severity"];
  /** One before grouping. */
  readonly entries: readonly NoticeEntry[];
  /** Which call it is: 1 names the second person. 0 for anything else. */
  readonly escalation: number;
  /** Whom it names. */
  readonly calls: string | undefined;
  /** The message to edit. */
  readonly message: SentReference | undefined;
}

/** A channel as the pipeline sees it. */
export interface Outlet {
  readonly id: string;
  /** `messages` shows texts; `episodes` opens and closes incidents (PagerDuty), and calls people by its own rules. */
  readonly takes: "messages" | "episodes";
}

export interface PipelineInput {
  readonly outlet: Outlet;
  /** Every alert that is known: also what explains others. */
  readonly alerts: readonly Alert[];
  readonly silences: readonly Silence[];
  readonly nowMs: number;
  /** Since when this agent tells, wall time: what was refused before that may be taken, a restart mends a wrong token. */
  readonly startedAtMs: number;
  /** The id of this agent while it sends alone, because the store is out of reach. */
  readonly aloneAs: string | undefined;
  /** Ids of people in the order in which they are called. */
  readonly oncall: readonly string[];
}

/** Drops, joins or orders notices. Pure. */
export type Stage = (notices: readonly Notice[], input: PipelineInput) => readonly Notice[];
