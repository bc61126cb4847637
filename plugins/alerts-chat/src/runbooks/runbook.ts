/**
 * A runbook as data: what a person at three in the morning is shown, and can do with one press. Checks run by themselves and only
 * read; whatever changes something is proposed, and a person confirms it; what needs a host stands there as exact commands.
 */
import type { SystemView } from "../actions/system-view.ts";

/** What a look came to. `ok` undefined: it cannot be told from here. */
export interface Finding {
  readonly ok: boolean | undefined;
  /** One short line: what was seen. */
  readonly seen: string;
}

/**
 * What shows that a step of a drill had its effect: another member leads a later term; the price was updated since; who led before is
 * well again and does not lead.
 */
export type Milestone = "another-leads" | "price-moves-on" | "old-leader-follows";

export interface CheckStep {
  readonly kind: "check";
  readonly title: string;
  /** Reads only. What it throws is shown as "cannot be told". */
  readonly look: (view: SystemView) => Finding | Promise<Finding>;
  /** The command that a person without this program would use. */
  readonly byHand?: string;
}

export interface ProposeStep {
  readonly kind: "propose";
  /** On the button: a few words. */
  readonly title: string;
  /** Id of the control action; it brings its own card, role and confirmation. */
  readonly action: string;
  /** What a person types when the parameters cannot be known beforehand. */
  readonly typed: string;
  /** Arguments as typed; undefined: a person must type them, so there is no button. */
  readonly args: (view: SystemView) => readonly string[] | undefined;
  /** When it helps. */
  readonly when: string;
  /** In a drill: what is waited for. */
  readonly until?: Milestone;
}

export interface ManualStep {
  readonly kind: "manual";
  readonly title: string;
  /** Shell commands, or a remark that begins with `#`. */
  readonly commands: readonly string[];
  /** In a drill: what is waited for; without it a person says when it is done. */
  readonly until?: Milestone;
  /** Only leads to the command that guides the drill; that one leaves it out. */
  readonly isPointer?: boolean;
}

export type Step = CheckStep | ProposeStep | ManualStep;

export interface Runbook {
  /** As typed after `/runbook`; also the name of its page. */
  readonly id: string;
  readonly title: string;
  readonly kind: "procedure" | "recovery" | "incident" | "drill";
  readonly severity: "CRITICAL" | "HIGH" | "WARNING" | "INFO";
  /** Until somebody must have begun; undefined where nobody is called. Source: the seed's runbooks. */
  readonly responseTimeMin: number | undefined;
  /** Where it comes from. */
  readonly seedSection: string;
  readonly symptoms: readonly string[];
  readonly steps: readonly Step[];
  /** All must be ok: then it is over. */
  readonly verify: readonly CheckStep[];
  readonly docsPath: string;
}

/** Names the page and keeps the types narrow. */
export function defineRunbook(runbook: Omit<Runbook, "docsPath">): Runbook {
  return { ...runbook, docsPath: `docs/runbooks/${runbook.id}.md` };
}
