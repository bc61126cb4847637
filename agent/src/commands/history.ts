/** `oracle-agent history`: who led when, and why it changed. Works with no agent alive. */
import type { CommandInput } from "../command-line/command.ts";
import { UsageError } from "../command-line/usage-error.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { describeAgeMs } from "./support/duration.ts";
import type { CommandResult, FleetSession } from "./support/session.ts";
import { type Column, formatTable, plainText } from "./support/table.ts";
import { isoTime } from "./support/times.ts";

const DEFAULT_TERMS = 20;
/** As many as the store keeps. */
const MOST_TERMS = 200;
const LEAST_WHY_COLUMNS = 20;

const COLUMNS: readonly Column[] = [
  { title: "TERM", align: "right" },
  { title: "SINCE" },
  { title: "AGE" },
  { title: "LEADER" },
  { title: "FROM" },
  { title: "WHY" },
];

export async function history(
  input: CommandInput,
  { office, clock, terminal }: FleetSession,
): Promise<CommandResult> {
  const limit = limitOf(input.value("limit"));
  const [entries, { store }] = await Promise.all([office.history(), office.report()]);
  const nowMs = clock.wallMs();
  const terms = entries.slice(-limit).map(({ term, leader, host, from, why, timestamp }) => ({
    term,
    since: isoTime(timestamp),
    ageMs: nowMs - timestamp,
    leader,
    host,
    from,
    why,
  }));
  return {
    exitCode: EXIT_OK,
    failed: false,
    lines:
      terms.length === 0
        ? [`No term is recorded in ${store}.`]
        : fitted(
            terms.map(({ term, since, ageMs, leader, from, why }) =>
              [String(term), since, describeAgeMs(ageMs), leader, from ?? "-", why].map((text) =>
                plainText(text),
              ),
            ),
            terminal,
          ),
    data: { store, terms },
  };
}

/** The reason is last and takes what columns are left. */
function fitted(
  rows: readonly (readonly string[])[],
  { columns, colours }: { readonly columns: number; readonly colours: boolean },
): readonly string[] {
  const others = COLUMNS.slice(0, -1);
  const used = others.reduce(
    (sum, { title }, index) =>
      sum + 2 + Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
    0,
  );
  const left = Math.max(LEAST_WHY_COLUMNS, columns - used);
  const cells = rows.map((row) =>
    row.map((text, index) => ({ text: index === others.length ? plainText(text, left) : text })),
  );
  return formatTable(COLUMNS, cells, colours);
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_TERMS;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST_TERMS) return limit;
  throw new UsageError(
    "--limit is no number of terms",
    `It must be between 1 and ${MOST_TERMS}; the store keeps no more.`,
  );
}
