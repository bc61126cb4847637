/** A fleet's state as it is shown: a block below the log of a terminal, or one line in a log. Pure. */
import { ageOf, decisionOf, healthOf, pricesOf, roleOf, silenceOf, updatesOf } from "./bot-facts.ts";
import { type BotState, leaderOf } from "./fleet-watch.ts";

/** Gives `text` the colour of a bot, or leaves it as it is. */
export type Paint = (botId: string, text: string) => string;

/** A longer cell, such as what is wrong, moves only its own row. */
const WIDEST_ALIGNED_CELL = 24;

/**
 * A rule that tells who leads, a line per bot, the prices. No line is longer than `columns`; what is wrong and what happens
 * stand first, since a narrow terminal loses the right side.
 * @param nowMs ms since the epoch.
 */
export function fleetBlock(
  fleet: readonly BotState[],
  columns: number,
  nowMs: number,
  paint: Paint,
): readonly string[] {
  const leader = leaderOf(fleet);
  const rows = fleet.map((bot) => cellsOf(bot, nowMs));
  const widths = columnWidths(rows);
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [
    cut(`── ${headlineOf(leader)} ${"─".repeat(columns)}`, columns, ""),
    ...fleet.map(({ botId }, index) => {
      const line = cut(lines[index] ?? "", columns);
      return paint(botId, line.slice(0, botId.length)) + line.slice(botId.length);
    }),
    cut(pricesOf(fleet, leader), columns),
  ];
}

/** The same in one line. @param nowMs ms since the epoch. */
export function fleetLine(fleet: readonly BotState[], nowMs: number): string {
  const bots = fleet.map((bot) => {
    const { botId, health } = bot;
    if (health === undefined) return `${botId} ${silenceOf(bot, nowMs)}`;
    return `${botId} ${[roleOf, healthOf, decisionOf, ageOf, updatesOf].map((fact) => fact(health)).join(", ")}`;
  });
  return [headlineOf(leaderOf(fleet)), ...bots, pricesOf(fleet, leaderOf(fleet))].join(" | ");
}

function headlineOf(leader: BotState | undefined): string {
  return leader === undefined ? "nobody leads" : `${leader.botId} leads`;
}

function cellsOf(bot: BotState, nowMs: number): readonly string[] {
  const { botId, pid, health } = bot;
  const process = pid === undefined ? "no process" : `pid ${pid}`;
  if (health === undefined) return [botId, process, silenceOf(bot, nowMs)];
  return [botId, process, ...[roleOf, healthOf, decisionOf, ageOf, updatesOf].map((fact) => fact(health))];
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const columns = Math.max(0, ...rows.map((cells) => cells.length));
  return Array.from({ length: columns }, (_, column) => {
    const lengths = rows.map((cells) => cells[column]?.length ?? 0);
    return Math.max(0, ...lengths.filter((length) => length <= WIDEST_ALIGNED_CELL));
  });
}

function cut(text: string, columns: number, end = "…"): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - end.length))}${end}`;
}
