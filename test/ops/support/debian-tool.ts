/** Programs of Debian's packages prometheus and prometheus-alertmanager. */

/** A suite's title, and whether its program is missing here: then its tests are skipped, and on CI that is a failure. */
export function needing(
  program: string,
  title: string,
): { readonly title: string; readonly isMissing: boolean } {
  const isMissing = Bun.which(program) === null;
  return { isMissing, title: isMissing ? `${title}: ${program} is missing, .ci/run installs it` : title };
}

export interface ToolResult {
  readonly exitCode: number;
  /** Both streams. */
  readonly output: string;
}

export async function runTool(command: readonly string[]): Promise<ToolResult> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  return { exitCode, output: stdout + stderr };
}
