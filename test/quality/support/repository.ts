import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dir, "../../..");

/** Files under version control and new ones that are not ignored, as paths from the root. */
export function repositoryFiles(): string[] {
  const listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard");
  const deleted = new Set(git("ls-files", "-z", "--deleted"));
  return [...new Set(listed)].filter((file) => file !== "" && !deleted.has(file)).sort();
}

function git(...args: readonly string[]): string[] {
  const result = Bun.spawnSync(["git", ...args], { cwd: root });
  if (result.exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${result.stderr}`);
  return result.stdout.toString().split("\0");
}

export function readText(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** Source files written by people: no generated artifacts. */
export function sourceFiles(): string[] {
  return repositoryFiles().filter(
    (file) => /\.(ts|mjs)$/.test(file) && !file.startsWith("contracts/artifacts/"),
  );
}

/** Tests and what only tests use. */
export function isTestCode(file: string): boolean {
  return /(^|\/)test\//.test(file) || /\.test\.ts$/.test(file);
}

export interface Manifest {
  readonly file: string;
  readonly name: string;
  readonly packageManager?: string;
  readonly scripts?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly overrides?: Record<string, string>;
}

/** Every package.json of the repository. */
export function manifests(): Manifest[] {
  return repositoryFiles()
    .filter((file) => /(^|\/)package\.json$/.test(file))
    .map((file) => ({ ...JSON.parse(readText(file)), file }));
}

export interface ToolResult {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs a tool of node_modules/.bin in the root or in `directory`. */
export function runTool(tool: string, args: readonly string[], directory: string = root): ToolResult {
  const result = Bun.spawnSync([join(root, "node_modules", ".bin", tool), ...args], {
    cwd: directory,
    stdin: "ignore",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  return { exitCode: result.exitCode, output: `${result.stdout}${result.stderr}` };
}
