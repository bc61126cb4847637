/** Text in columns. Pure. */

export interface Cell {
  readonly text: string;
  /** Makes the text stand out, without changing its width; used only in colour. */
  readonly colour?: Colour;
}

const COLOURS = { red: "31", green: "32", yellow: "33", bold: "1", dim: "2" } as const;
export type Colour = keyof typeof COLOURS;

export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly align?: "right";
}

const GAP = "  ";
const ESCAPE = "\u001b[";

/** Rows under their titles, as wide as they need to be; the last column is not padded. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  colours: boolean,
): readonly string[] {
  const titles = columns.map(({ title }): Cell => ({ text: title, colour: "dim" }));
  const all = [titles, ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => row[index]?.text.length ?? 0)));
  return all.map((row) =>
    columns
      .map(({ align }, index) => {
        const cell = row[index] ?? { text: "" };
        const blanks = " ".repeat((widths[index] ?? 0) - cell.text.length);
        const text = paint(cell, colours);
        if (align === "right") return `${blanks}${text}`;
        return index === columns.length - 1 ? text : `${text}${blanks}`;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** The text of a cell, coloured when that is wanted. */
export function paint({ text, colour }: Cell, colours: boolean): string {
  if (!colours || colour === undefined || text === "") return text;
  return `${ESCAPE}${COLOURS[colour]}m${text}${ESCAPE}0m`;
}

/** Foreign text for a terminal: on one line, without control characters, and not longer than `most`. */
export function plainText(text: string, most = 200): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return clean.length <= most ? clean : `${clean.slice(0, most - 1)}…`;
}
