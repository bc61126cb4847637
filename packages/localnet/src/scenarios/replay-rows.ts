/** Reads a recorded day: one row a minute, `utc_minute, eth_usd_close, _low, _high, token_weth_close_tick, _low_, _high_`. */
import { LocalnetInputError } from "../errors.ts";
import { MAX_TICK, MIN_TICK, sqrtRatioX96AtTick } from "../market/price-math.ts";

/** A minute of prices: USD per ETH with 8 decimals, elizaOS per ETH with 18. */
export interface ReplayRow {
  /** "HH:MM". */
  readonly minute: string;
  readonly ethUsd8: PriceRange;
  readonly elizaPerEth18: PriceRange;
}

export interface PriceRange {
  readonly close: bigint;
  readonly low: bigint;
  readonly high: bigint;
}

export interface ReplayRowsOptions {
  readonly path: string;
  /** First and last minute, "HH:MM", both included. Default: the whole file. */
  readonly from?: string;
  readonly to?: string;
  /** The recorded token is not elizaOS: tokens per WETH are multiplied by this. Default 1,500. */
  readonly ratio?: bigint;
}

const COLUMNS = [
  "utc_minute",
  "eth_usd_close",
  "eth_usd_low",
  "eth_usd_high",
  "token_weth_close_tick",
  "token_weth_low_tick",
  "token_weth_high_tick",
] as const;
type Column = (typeof COLUMNS)[number];

const MINUTE = /^([01]\d|2[0-3]):[0-5]\d$/;
const MAX_ROWS = 24 * 60;
const WAD = 10n ** 18n;

/** @throws {LocalnetInputError} naming file, line, column and the fix. */
export async function readReplayRows(options: ReplayRowsOptions): Promise<ReplayRow[]> {
  const { path, from = "00:00", to = "23:59", ratio = 1_500n } = options;
  requireMinute("from", from);
  requireMinute("to", to);
  if (ratio <= 0n)
    throw new LocalnetInputError(`ratio is ${ratio}`, "Give a positive bigint, for example 1500n.");
  const file = Bun.file(path);
  if (!(await file.exists())) {
    throw new LocalnetInputError(
      `${path} does not exist`,
      "Give the path of a CSV file as packages/localnet/README.md describes.",
    );
  }
  const lines = (await file.text()).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const header = lines[0] ?? "";
  if (header !== COLUMNS.join(",")) {
    throw new LocalnetInputError(
      `${path}:1: the header is "${header.slice(0, 120)}"`,
      `Make the first line ${COLUMNS.join(",")}`,
    );
  }
  if (lines.length - 1 > MAX_ROWS) {
    throw new LocalnetInputError(
      `${path} has ${lines.length - 1} rows`,
      `Give one day: at most ${MAX_ROWS} rows.`,
    );
  }
  const rows: ReplayRow[] = [];
  let previousMinute = "";
  for (const [index, text] of lines.entries()) {
    if (index === 0) continue;
    const row = parseRow(new Line(path, index + 1, text), ratio, previousMinute);
    previousMinute = row.minute;
    if (row.minute >= from && row.minute <= to) rows.push(row);
  }
  if (rows.length > 0) return rows;
  throw new LocalnetInputError(`${path} has no row from ${from} to ${to}`, "Give minutes that the file has.");
}

/** One line of the file, which can say where it is wrong. */
class Line {
  readonly #path: string;
  readonly #number: number;
  readonly #cells: readonly string[];

  constructor(path: string, number: number, text: string) {
    this.#path = path;
    this.#number = number;
    this.#cells = text.split(",");
    if (this.#cells.length !== COLUMNS.length) {
      throw new LocalnetInputError(
        `${path}:${number}: ${this.#cells.length} columns`,
        `Give ${COLUMNS.length}: ${COLUMNS.join(", ")}.`,
      );
    }
  }

  cell(column: Column): string {
    return this.#cells[COLUMNS.indexOf(column)] ?? "";
  }

  wrong(column: Column, fix: string): LocalnetInputError {
    const where = { line: this.#number, column: COLUMNS.indexOf(column) + 1 };
    const value = JSON.stringify(this.cell(column).slice(0, 40));
    return new LocalnetInputError(
      `${this.#path}:${where.line}: column ${where.column} (${column}) is ${value}`,
      fix,
      where,
    );
  }

  /** Dollars such as 1806.65, exactly, with 8 decimals. */
  price8(column: Column): bigint {
    const match = /^(\d{1,9})(?:\.(\d{1,8}))?$/.exec(this.cell(column));
    const price = match === null ? 0n : BigInt(`${match[1]}${(match[2] ?? "").padEnd(8, "0")}`);
    if (price > 0n) return price;
    throw this.wrong(column, "Give a price above 0 in dollars, at most 8 decimals, for example 1806.65.");
  }

  tick(column: Column): number {
    const text = this.cell(column);
    const tick = /^-?\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (tick > MIN_TICK && tick < MAX_TICK) return tick;
    throw this.wrong(column, `Give a whole number between ${MIN_TICK} and ${MAX_TICK}, for example 29515.`);
  }
}

function parseRow(line: Line, ratio: bigint, previousMinute: string): ReplayRow {
  const minute = line.cell("utc_minute");
  if (!MINUTE.test(minute)) throw line.wrong("utc_minute", "Give a minute of the day such as 09:05.");
  if (minute <= previousMinute)
    throw line.wrong("utc_minute", `Give a minute after ${previousMinute}: rows are in order.`);
  const price = (column: Column) => line.price8(column);
  const tokens = (column: Column) => tokensPerWeth18(line.tick(column), ratio);
  return {
    minute,
    ethUsd8: parseRange(line, price, ["eth_usd_close", "eth_usd_low", "eth_usd_high"]),
    elizaPerEth18: parseRange(line, tokens, [
      "token_weth_close_tick",
      "token_weth_low_tick",
      "token_weth_high_tick",
    ]),
  };
}

/**
 * Recorded lows and highs are those of the trades within the minute, closes can be a rounding beyond them (45 of the
 * 1,440 minutes of one real day), so the range is widened to hold the close.
 */
function parseRange(
  line: Line,
  parse: (column: Column) => bigint,
  [closeColumn, lowColumn, highColumn]: readonly [Column, Column, Column],
): PriceRange {
  const close = parse(closeColumn);
  const low = parse(lowColumn);
  const high = parse(highColumn);
  if (low > high) throw line.wrong(lowColumn, "Give a low that is not above the high.");
  return { close, low: low < close ? low : close, high: high > close ? high : close };
}

/** Both recorded tokens have 18 decimals and WETH is token0, so the pool's raw price is tokens per WETH. */
function tokensPerWeth18(tick: number, ratio: bigint): bigint {
  const sqrtPriceX96 = sqrtRatioX96AtTick(tick);
  return (sqrtPriceX96 * sqrtPriceX96 * WAD * ratio) >> 192n;
}

function requireMinute(name: string, value: string): void {
  if (MINUTE.test(value)) return;
  throw new LocalnetInputError(
    `${name} is ${JSON.stringify(value)}`,
    "Give a minute of the day such as 09:05.",
  );
}
