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
}

export interface ManualStep {
  readonly kind: "manual";
  readonly title: string;
  /** Shell commands, or a remark that begins with `#`. */
  readonly commands: readonly string[];
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
