/**
 * What a reader of Discord sees of a message, by the rules of Discord's Markdown
 * (https://support.discord.com/hc/articles/210298617). Written from those rules, with nothing of our own rendering in it.
 */

export interface Seen {
  readonly text: string;
  readonly bold: readonly string[];
  readonly code: readonly string[];
  readonly links: readonly string[];
  /** Anything else that happened to the text: italics, spoilers, headings, mentions … */
  readonly effects: readonly string[];
}

interface Rule {
  readonly pattern: RegExp;
  readonly onlyAtLineStart?: boolean;
  apply(match: RegExpExecArray, see: (text: string) => string, seen: Collected): string;
}
type Collected = { bold: string[]; code: string[]; links: string[]; effects: string[] };

const effect = (name: string, pattern: RegExp, inside = 1, onlyAtLineStart = false): Rule => ({
  pattern,
  onlyAtLineStart,
  apply(match, see, seen) {
    seen.effects.push(name);
    return see(match[inside] ?? "");
  },
});

/** In Discord's order: the first that matches wins. */
const RULES: readonly Rule[] = [
  effect("heading", /^#{1,3} +([^\n]+)/, 1, true),
  effect("subtext", /^-# +([^\n]+)/, 1, true),
  effect("quote", /^ *>>> ?([\s\S]*)/, 1, true),
  effect("quote", /^ *> ([^\n]*)/, 1, true),
  effect("list", /^ *(?:[-*+]|\d+\.) +([^\n]+)/, 1, true),
  {
    pattern: /^```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```/i,
    apply: (match, _, { code }) => {
      code.push(match[1] ?? "");
      return match[1] ?? "";
    },
  },
  { pattern: /^\\([^0-9A-Za-z\s])/, apply: (match) => match[1] ?? "" },
  effect("mention", /^<(?:@[!&]?|#)(\d+)>/),
  effect("mention", /^@(everyone|here)/),
  effect("emoji", /^<a?:(\w+):\d+>/),
  effect("time", /^<t:(-?\d+)(?::[tTdDfFR])?>/),
  effect("command", /^<\/([\w- ]+):\d+>/),
  {
    pattern: /^<([^: >]+:\/[^ >]+)>/,
    apply: (match, _, { links }) => {
      links.push(match[1] ?? "");
      return match[1] ?? "";
    },
  },
  {
    pattern: /^https?:\/\/[^\s<]+[^<.,:;"'\]\s]/,
    apply: (match, _, { links }) => {
      links.push(match[0]);
      return match[0];
    },
  },
  effect("masked link", /^\[((?:\\.|[^\]\\])+)\]\((?:\\.|[^)\\])+\)/),
  effect("emoji", /^:([\w+-]+):/),
  {
    pattern: /^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/,
    apply: (match, see, { bold }) => {
      const text = see(match[1] ?? "");
      bold.push(text);
      return text;
    },
  },
  effect("underline", /^__((?:\\[\s\S]|[^\\])+?)__(?!_)/),
  effect("italics", /^_((?:\\[\s\S]|[^\\_])+?)_(?![A-Za-z0-9])/),
  effect("italics", /^\*(?=\S)((?:\\[\s\S]|[^\\*])+?)\*(?!\*)/),
  effect("struck out", /^~~([\s\S]+?)~~(?!_)/),
  effect("spoiler", /^\|\|([\s\S]+?)\|\|/),
  {
    pattern: /^(`+)([\s\S]*?[^`])\1(?!`)/,
    apply: (match, _, { code }) => {
      code.push(match[2] ?? "");
      return match[2] ?? "";
    },
  },
];

export function visibleText(content: string): Seen {
  const seen: Collected = { bold: [], code: [], links: [], effects: [] };
  const see = (source: string): string => {
    let text = "";
    let rest = source;
    let atLineStart = true;
    while (rest !== "") {
      const [rule, match] = firstMatch(rest, atLineStart);
      const taken = match?.[0] ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
      text += rule === undefined || match === undefined ? taken : rule.apply(match, see, seen);
      rest = rest.slice(taken.length);
      atLineStart = taken.endsWith("\n");
    }
    return text;
  };
  return { text: see(content), ...seen };
}

function firstMatch(text: string, atLineStart: boolean): [Rule, RegExpExecArray] | [undefined, undefined] {
  for (const rule of RULES) {
    if (rule.onlyAtLineStart === true && !atLineStart) continue;
    const match = rule.pattern.exec(text);
    if (match !== null) return [rule, match];
  }
  return [undefined, undefined];
}
