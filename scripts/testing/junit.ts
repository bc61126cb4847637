/** One test as `bun test` reports it. */
export interface TestCase {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly durationMs: number;
}

/** The report is missing, torn, or contradicts itself: the run cannot be believed. */
export class UnreadableReportError extends Error {
  override readonly name = "UnreadableReportError";
}

/**
 * Reads the JUnit report of one `bun test` run.
 *
 * Bun escapes `<`, `>`, `&` and quotes in attributes and text, so tags can be found without a full XML parser.
 * The totals that the report itself states are compared with what was read.
 *
 * @throws {UnreadableReportError}
 */
export function parseJunit(xml: string): TestCase[] {
  if (!xml.trimEnd().endsWith("</testsuites>")) throw new UnreadableReportError("the report is incomplete");
  const cases = [...xml.matchAll(/<testcase\b([^<>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, attributes = "", body = ""]): TestCase => ({
      name: fullName(attribute(attributes, "classname"), attribute(attributes, "name")),
      outcome: /<(failure|error)\b/.test(body) ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed",
      durationMs: Number(attribute(attributes, "time")) * 1000,
    }),
  );
  const root = /<testsuites\b([^<>]*)>/.exec(xml)?.[1] ?? "";
  const stated = ["tests", "failures", "skipped"].map((name) => Number(attribute(root, name)));
  const found = [cases.length, countOf(cases, "failed"), countOf(cases, "skipped")];
  if (stated.join() !== found.join()) {
    throw new UnreadableReportError(
      `the report states ${stated.join("/")} tests/failures/skipped but holds ${found.join("/")}`,
    );
  }
  return cases;
}

function countOf(cases: readonly TestCase[], outcome: TestCase["outcome"]): number {
  return cases.filter((test) => test.outcome === outcome).length;
}

/** Bun writes nested groups innermost first. */
function fullName(classname: string, name: string): string {
  return [...classname.split(" > ").reverse(), name].filter((part) => part !== "").join(" > ");
}

function attribute(attributes: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
  return value
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&#10;", "\n")
    .replaceAll("&amp;", "&");
}
