/**
 * One drill from its first look to its record. A step is done when store or chain shows its effect, or when a person says so. The only
 * thing that it changes by itself is the orderly failover of planned maintenance.
 */
import { InvariantError, type Requester, sleep } from "@jeju-oracle/kit";
import {
  allWell,
  type Checked,
  type CheckStep,
  type Drill,
  type DrillRecord,
  type Milestone,
  type Runbook,
  runChecks,
  type Step,
} from "@jeju-oracle/plugin-alerts-chat/operator";
import { heldLease } from "@jeju-oracle/plugin-leader-lock";
import type { CommandInput } from "../../command-line/command.ts";
import { EXIT_BY_SIGNAL, EXIT_FAILURE, EXIT_OK } from "../../exit-codes.ts";
import { checkData, checkLine } from "./check-lines.ts";
import { confirm } from "./confirm.ts";
import { recordDrill } from "./drill-log.ts";
import { DrillWatch, type OldLeader } from "./drill-watch.ts";
import { describeMs } from "./duration.ts";
import { operatorView } from "./operator-view.ts";
import type { CommandResult, FleetSession } from "./session.ts";
import { isoTime } from "./times.ts";

/** An agent that has just come back needs some looks until it is well. */
const VERIFY_WITHIN_MS = 60_000;
const VERIFY_EVERY_MS = 1_000;

export interface DrillPlan {
  readonly which: Drill;
  readonly runbook: Runbook;
  readonly asked: Requester;
  readonly withinMs: number;
}

interface StepEnd {
  readonly title: string;
  readonly outcome: "done" | "left out" | "failed";
  readonly detail: string;
}

export class DrillRun {
  readonly #input: CommandInput;
  readonly #session: FleetSession;
  readonly #plan: DrillPlan;
  readonly #steps: StepEnd[] = [];

  constructor(input: CommandInput, session: FleetSession, plan: DrillPlan) {
    this.#input = input;
    this.#session = session;
    this.#plan = plan;
  }

  async run(): Promise<CommandResult> {
    const { runbook, which } = this.#plan;
    // Wrong variables of the chain are told before anybody goes to a host.
    const { owner } = await operatorView(asOperator(this.#session));
    const first = runbook.steps.findIndex(({ kind }) => kind !== "check");
    const before = await this.#check(runbook.steps.slice(0, first).filter(isCheck));
    if (!allWell(before)) return this.#notBegun(before);
    const old = await this.#leader();
    await this.#say(`${runbook.title}. The leader is ${old.botId} on ${old.host}, term ${old.term}.`);
    await this.#say("Where a command names bot-1.example.com, put in the leader's host.");
    await confirm(this.#input, this.#session, `This drill (${which}) takes the lead from ${old.botId}.`);

    const { clock } = this.#session;
    const [atMs, startedAtMs] = [clock.wallMs(), clock.monotonicMs()];
    const watch = new DrillWatch(this.#session, owner, old);
    const isDone = await this.#walk(runbook.steps.slice(first), watch);
    const after = isDone ? await this.#verify() : [];
    const passed = isDone && allWell(after);
    const totalMs = Math.round(clock.monotonicMs() - startedAtMs);
    const elapsedMs = Math.round(watch.failoverMs ?? totalMs);
    const record = {
      drill: which,
      atMs,
      by: this.#plan.asked.by,
      passed,
      elapsedMs,
      nonce: crypto.randomUUID(),
    };
    return this.#result(record, { old, watch, after, totalMs });
  }

  /** @returns whether every step had its effect. */
  async #walk(steps: readonly Step[], watch: DrillWatch): Promise<boolean> {
    for (const [index, step] of steps.entries()) {
      if (step.kind === "check" || (step.kind === "manual" && step.isPointer === true)) continue;
      await this.#say(`${index + 1}. ${step.title}`);
      const why = await this.#take(step, watch);
      if (why === undefined) continue;
      await this.#say(`   ${why}`);
      return false;
    }
    return true;
  }

  /** @returns undefined when it is done or left out, else why the drill ends here. */
  async #take(step: Exclude<Step, CheckStep>, watch: DrillWatch): Promise<string | undefined> {
    if (step.kind === "propose") {
      if (step.action !== "failover") throw new InvariantError(`a drill cannot do ${step.action}`);
      watch.faultNow();
      await this.#session.office.control.failover({ to: undefined, ...this.#plan.asked });
      return this.#await(step.title, step.until ?? "another-leads", watch);
    }
    for (const command of step.commands) await this.#say(`     ${command}`);
    return step.until === undefined ? this.#askDone(step.title) : this.#await(step.title, step.until, watch);
  }

  async #await(title: string, milestone: Milestone, watch: DrillWatch): Promise<string | undefined> {
    const why = await watch.until(milestone, this.#plan.withinMs);
    const took = watch.failoverMs;
    const detail =
      milestone === "another-leads" && took !== undefined
        ? `${watch.newLeader} leads, ${describeMs(took)} after the fault`
        : milestone;
    if (why === undefined) await this.#say(`   ${detail}`);
    this.#steps.push({ title, outcome: why === undefined ? "done" : "failed", detail: why ?? detail });
    return why;
  }

  /** Where nobody can do it, it is left out: only what shows by itself is waited for. */
  async #askDone(title: string): Promise<string | undefined> {
    const { terminal, interrupted } = this.#session;
    if (!terminal.interactive || this.#input.has("yes")) {
      this.#steps.push({ title, outcome: "left out", detail: "nobody is asked" });
      return undefined;
    }
    const answer = await terminal.ask("   Enter when it is done, or stop: ", interrupted);
    const isStopped = answer === undefined || /^s(top)?$/i.test(answer.trim());
    const detail = isStopped ? "stopped by hand" : "";
    this.#steps.push({ title, outcome: isStopped ? "failed" : "done", detail });
    return isStopped ? detail : undefined;
  }

  async #verify(): Promise<readonly Checked[]> {
    const { clock, interrupted } = this.#session;
    const endMs = clock.monotonicMs() + Math.min(VERIFY_WITHIN_MS, this.#plan.withinMs);
    for (;;) {
      const checked = await this.#check(this.#plan.runbook.verify);
      if (allWell(checked) || clock.monotonicMs() >= endMs || interrupted.aborted) return checked;
      await sleep(clock, VERIFY_EVERY_MS, interrupted);
    }
  }

  async #check(checks: readonly CheckStep[]): Promise<readonly Checked[]> {
    return runChecks(await operatorView(asOperator(this.#session)), checks);
  }

  async #leader(): Promise<OldLeader> {
    const { term, holder } = heldLease(await this.#session.office.report());
    if (holder === null) throw new InvariantError("a held lease has no holder");
    return { botId: holder.botId, incarnation: holder.incarnation, host: holder.host, term };
  }

  #say(line: string): Promise<void> {
    return this.#session.terminal.note(line);
  }

  #notBegun(checked: readonly Checked[]): CommandResult {
    const { which, runbook } = this.#plan;
    return {
      exitCode: EXIT_FAILURE,
      failed: true,
      lines: [
        ...checked.map(checkLine),
        `${runbook.title}: not begun. First all of this must be well; nothing was changed.`,
      ],
      data: { ok: false, drill: which, outcome: "not-begun", checks: checked.map(checkData) },
    };
  }

  async #result(record: DrillRecord, { old, watch, after, totalMs }: Ending): Promise<CommandResult> {
    const { places, problems } = await recordDrill(this.#session, record);
    const { passed, elapsedMs, drill: which } = record;
    const interrupted = this.#session.interrupted.aborted;
    const took = watch.failoverMs === undefined ? "" : `, failover ${describeMs(elapsedMs)}`;
    return {
      exitCode: passed ? EXIT_OK : interrupted ? EXIT_BY_SIGNAL.SIGINT : EXIT_FAILURE,
      failed: !passed,
      lines: [
        ...after.map(checkLine),
        `${this.#plan.runbook.title}: ${passed ? "passed" : "not passed"}${took}, ${describeMs(totalMs)} in all.`,
        ...(places.length === 0 ? [] : [`Written down in ${places.join(" and ")}.`]),
        ...problems,
      ],
      data: {
        ok: passed,
        drill: which,
        outcome: passed ? "passed" : "not-passed",
        at: isoTime(record.atMs),
        by: record.by,
        oldLeader: old.botId,
        newLeader: watch.newLeader ?? null,
        elapsedMs,
        totalMs,
        steps: this.#steps,
        checks: after.map(checkData),
        recordedIn: places,
        problems,
      },
    };
  }
}

interface Ending {
  readonly old: OldLeader;
  readonly watch: DrillWatch;
  readonly after: readonly Checked[];
  readonly totalMs: number;
}

function isCheck(step: Step): step is CheckStep {
  return step.kind === "check";
}

function asOperator(session: FleetSession) {
  return { ...session, fleet: session, storeProblem: undefined };
}
