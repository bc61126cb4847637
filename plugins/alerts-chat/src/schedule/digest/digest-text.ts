/** A digest as it reads on a phone: one fact per line, what is wrong before what is well. Pure. */
import { type Alert, codeOf, isActive } from "../../alerts/alert.ts";
import { ruleOf } from "../../alerts/rules/rules.ts";
import { hasEnded } from "../../confirm/proposal-book.ts";
import { type Line, line, type OutboundMessage, plainLine } from "../../conversation/outbound.ts";
import { ago, eth, span, usd } from "../../words/format.ts";
import { runwayText } from "../watch/runway-text.ts";
import type { DigestFacts, DrillHistory } from "./facts.ts";

const SIGN = { critical: "🔴", warning: "🟠", info: "🔵" } as const;
const DAY_MS = 86_400_000;
/** Less than this of a day watched is worth a word. */
const NEARLY_A_DAY_MS = 23 * 3_600_000;
/** Of each list: the rest is counted. */
const SHOWN = 5;

/** @param title its first line, such as `Daily digest, 2026-11-25`. */
export function digestMessage(facts: DigestFacts, title: string): OutboundMessage {
  return {
    lines: [
      line(`📋 **${title}**`),
      ...priceLines(facts),
      ...leadLines(facts),
      ...memberLines(facts),
      ...alertLines(facts),
      ...restraintLines(facts),
      ...pendingLines(facts),
      ...walletLines(facts),
      ...drillLines(facts),
      plainLine(
        facts.isShared ? `as ${facts.botId} sees it` : `(told by ${facts.botId} alone: no store is shared)`,
      ),
    ],
    severity: "info",
  };
}

function priceLines({ snapshot, lastDay }: DigestFacts): Line[] {
  if (snapshot === undefined) return [plainLine("⚠️ The price loop is starting")];
  const ageMs = snapshot.priceAgeS === undefined ? undefined : Number(snapshot.priceAgeS) * 1000;
  const lines = [
    plainLine(`${snapshot.healthy ? "✅" : "❌"} Price updated ${ago(ageMs)}`),
    ...snapshot.unhealthyReasons.slice(0, SHOWN).map((reason) => plainLine(`· ${reason}`)),
    plainLine(`ETH ${usd(snapshot.chainEthUsd8)}`),
    plainLine(`elizaOS ${usd(snapshot.chainElizaUsd8)}`),
  ];
  if (lastDay === undefined || lastDay.watchedMs === 0) return lines;
  const { updates, coveredMs, watchedMs } = lastDay;
  const gap = coveredMs - watchedMs > DAY_MS - NEARLY_A_DAY_MS ? `, ${span(watchedMs)} of it watched` : "";
  return [...lines, plainLine(`${updates} updates in ${span(coveredMs)}${gap}`)];
}

function leadLines({ leadership, lastDay }: DigestFacts): Line[] {
  if (leadership === undefined || leadership.role === "standalone") return [];
  const { leaderId, term } = leadership;
  const who = leaderId === undefined ? "⚠️ Nobody leads" : `👑 ${leaderId} leads, term ${term}`;
  const changes = lastDay?.leaderChanges;
  if (changes === undefined || changes === 0) return [plainLine(who)];
  return [
    plainLine(who),
    plainLine(`   ${changes} ${changes === 1 ? "change" : "changes"} in ${span(lastDay?.coveredMs ?? 0)}`),
  ];
}

function memberLines({ members }: DigestFacts): Line[] {
  const expected = members.filter(({ role }) => role !== "stopped");
  if (expected.length === 0) return [];
  const away = expected.filter(({ alive }) => !alive);
  const sign = away.length === 0 && expected.every(({ healthy }) => healthy) ? "✅" : "⚠️";
  return [
    plainLine(`${sign} ${expected.length - away.length} of ${expected.length} agents alive`),
    ...away
      .slice(0, SHOWN)
      .map(({ botId, silentForMs }) => plainLine(`   💀 ${botId}, seen ${ago(silentForMs)}`)),
    ...expected
      .filter(({ alive, healthy }) => alive && !healthy)
      .slice(0, SHOWN)
      .map(({ botId, unhealthyReasons: [why] }) => plainLine(`   ❌ ${botId}: ${why ?? "unhealthy"}`)),
  ];
}

function alertLines({ alerts, silences, nowMs }: DigestFacts): Line[] {
  if (alerts === undefined) return [plainLine("⚠️ Alerts could not be read")];
  const conditions = alerts.filter(({ rule }) => ruleOf(rule).kind === "condition");
  const active = conditions.filter(isActive);
  const ended = conditions.filter(
    ({ resolvedAtMs }) => resolvedAtMs !== undefined && nowMs - resolvedAtMs <= DAY_MS,
  );
  return [
    ...(active.length === 0
      ? [plainLine("✅ No alert holds")]
      : bounded(active, (alert) => activeLine(alert, nowMs))),
    ...(ended.length === 0
      ? []
      : [
          plainLine(`${ended.length} ended in 24 h:`),
          ...bounded(countedByName(ended), ([name, count]) =>
            plainLine(`   ${name}${count === 1 ? "" : ` ×${count}`}`),
          ),
        ]),
    ...bounded(silences ?? [], ({ matches, untilMs, by }) =>
      plainLine(`🔕 ${matches}: ${span(untilMs - nowMs)} left, by ${by}`),
    ),
  ];
}

function activeLine({ severity, rule, fingerprint, startedAtMs, acknowledged }: Alert, nowMs: number): Line {
  const care = acknowledged === undefined ? "" : ` ✔ ${acknowledged.by}`;
  return [
    { kind: "text", text: `${SIGN[severity]} ${ruleOf(rule).name} ` },
    { kind: "code", text: codeOf(fingerprint) },
    { kind: "text", text: `, ${ago(nowMs - startedAtMs)}${care}` },
  ];
}

function countedByName(alerts: readonly Alert[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { rule } of alerts) {
    const { name } = ruleOf(rule);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** What keeps the fleet from doing as it is configured. */
function restraintLines({ snapshot, overrides }: DigestFacts): Line[] {
  return [
    ...(snapshot?.pausedBy === undefined ? [] : [plainLine(`⏸ ${snapshot.pausedBy}`)]),
    ...(overrides === undefined ? [plainLine("⚠️ Settings of the fleet could not be read")] : []),
    ...bounded(overrides ?? [], ({ name, leftMs, by }) =>
      plainLine(`⚙️ ${name}: ${span(leftMs)} left, by ${by}`),
    ),
  ];
}

function pendingLines({ proposals, nowMs }: DigestFacts): Line[] {
  const open = (proposals ?? []).filter((proposal) => !hasEnded(proposal));
  return bounded(open, ({ action, proposer, state, proposedAtMs, validForMs }) => {
    const leftMs = proposedAtMs + validForMs - nowMs;
    return plainLine(`⏳ ${action} by ${proposer}: ${state === "awaiting" ? `${span(leftMs)} left` : state}`);
  });
}

function walletLines({ snapshot, runway }: DigestFacts): Line[] {
  if (snapshot?.walletBalanceWei === undefined) return [];
  return [
    plainLine(`Wallet ${eth(snapshot.walletBalanceWei)}`),
    ...(runway === undefined ? [] : [plainLine(`   ${runwayText(runway)}`)]),
  ];
}

function drillLines({ drills, nowMs }: DigestFacts): Line[] {
  return (drills ?? []).map(({ drill, last, lastPass }: DrillHistory) => {
    const failed = last !== undefined && !last.passed ? ", last failed" : "";
    const passed = lastPass === undefined ? "never passed" : `passed ${ago(nowMs - lastPass.atMs)}`;
    return plainLine(`Drill ${drill}: ${passed}${failed}`);
  });
}

function bounded<T>(items: readonly T[], show: (item: T) => Line): Line[] {
  const rest = items.length - SHOWN;
  return [...items.slice(0, SHOWN).map(show), ...(rest > 0 ? [plainLine(`   … and ${rest} more`)] : [])];
}
