import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dir, "../../..");

/** Files under version control and new ones that are not ignored, as paths from the root. */
export function repositoryFiles(): string[] {
  const git = Bun.spawnSync(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  if (git.exitCode !== 0) throw new Error(`git ls-files: ${git.stderr}`);
  const deleted = Bun.spawnSync(["git", "ls-files", "-z", "--deleted"], { cwd: root });
  const gone = new Set(deleted.stdout.toString().split("\0"));
  return [...new Set(git.stdout.toString().split("\0"))]
    .filter((file) => file !== "" && !gone.has(file))
    .sort();
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

/** Runs a tool of node_modules/.bin on this Bun, in the root. */
export function runTool(tool: string, args: readonly string[], stdin?: string): ToolResult {
  const result = Bun.spawnSync([join(root, "node_modules", ".bin", tool), ...args], {
    cwd: root,
    stdin: stdin === undefined ? "ignore" : Buffer.from(stdin),
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  return { exitCode: result.exitCode, output: `${result.stdout}${result.stderr}` };
}
