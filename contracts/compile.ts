/**
 * Compiles `src/**` to `artifacts/<Name>.ts`: one file per deployable contract, with its ABI and creation code as
 * constants, so that consumers need neither a compiler nor JSON imports.
 *
 *   bun contracts/compile.ts           write the artifacts
 *   bun contracts/compile.ts --check   write nothing; exit 1 and name every artifact that is not up to date
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const contractsDir = fileURLToPath(new URL(".", import.meta.url));
const sourceDir = join(contractsDir, "src");
const artifactDir = join(contractsDir, "artifacts");
const require = createRequire(import.meta.url);

/**
 * `paris` has no PUSH0, so the code runs on every chain since the merge, whatever fork a local or OP chain is at. The
 * metadata trailer is left out because it hashes sources and paths: the same code must give the same bytes everywhere.
 */
const compilerSettings = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

interface Solc {
  version(): string;
  compile(
    input: string,
    callbacks: { import(path: string): { contents: string } | { error: string } },
  ): string;
}

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, SolcContract>>>>;
}

interface SolcContract {
  readonly abi: readonly unknown[];
  readonly evm: { readonly bytecode: { readonly object: string } };
}

/** The compiler rejected the sources; the message is its own, one paragraph per error. */
export class SolidityError extends Error {
  override readonly name = "SolidityError";
  readonly code = "solidity-rejected";
}

/**
 * The text of every artifact, by file name. Warnings count as errors.
 * @throws SolidityError when the sources do not compile cleanly.
 */
export function compileContracts(): Map<string, string> {
  const solc: Solc = require("solc");
  const sources = Object.fromEntries(
    readdirSync(sourceDir, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".sol"))
      .sort()
      .map((path) => [`src/${path}`, { content: readFileSync(join(sourceDir, path), "utf8") }]),
  );
  const input = { language: "Solidity", sources, settings: compilerSettings };
  const output: SolcOutput = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }));

  const problems = (output.errors ?? []).filter((error) => error.severity !== "info");
  if (problems.length > 0)
    throw new SolidityError(problems.map((error) => error.formattedMessage).join("\n"));

  const artifacts = new Map<string, string>();
  for (const path of Object.keys(sources)) {
    const name = basename(path, ".sol");
    const contract = output.contracts?.[path]?.[name];
    if (contract === undefined) throw new SolidityError(`${path} declares no contract named ${name}`);
    // Interfaces have no code to deploy.
    if (contract.evm.bytecode.object === "") continue;
    artifacts.set(`${name}.ts`, renderArtifact(name, path, contract, solc.version()));
  }
  return artifacts;
}

/** Names of the artifacts that are missing, differ from `expected`, or have no source any more. */
export function staleArtifacts(expected: ReadonlyMap<string, string>): string[] {
  const present = new Set(readdirSync(artifactDir).filter((file) => file.endsWith(".ts")));
  const differing = [...expected].filter(
    ([file, text]) => !present.has(file) || readFileSync(join(artifactDir, file), "utf8") !== text,
  );
  return [...differing.map(([file]) => file), ...[...present].filter((file) => !expected.has(file))].sort();
}

function readImport(path: string): { contents: string } | { error: string } {
  try {
    return { contents: readFileSync(require.resolve(path), "utf8") };
  } catch (cause) {
    return { error: `cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

function renderArtifact(name: string, path: string, contract: SolcContract, solcVersion: string): string {
  const identifier = lowerLeadingCapitals(name);
  return [
    `// Generated from contracts/${path} by \`bun contracts/compile.ts\` with solc ${solcVersion}.`,
    "// Do not edit: change the source and run the command again.",
    "",
    `export const ${identifier}Abi = ${JSON.stringify(contract.abi, null, 2)} as const;`,
    "",
    `export const ${identifier}Bytecode =`,
    `  "0x${contract.evm.bytecode.object}" as const;`,
    "",
  ].join("\n");
}

/** `BatchReader` -> `batchReader`, `WETH9` -> `weth9`, `TestERC20` -> `testERC20`. */
function lowerLeadingCapitals(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z]|[0-9]|$)|^[A-Z]/, (capitals) => capitals.toLowerCase());
}

function main(args: readonly string[]): number {
  const [mode, ...rest] = args;
  if ((mode !== undefined && mode !== "--check") || rest.length > 0) {
    console.error(`unknown arguments: ${args.join(" ")}; use none, or --check`);
    return 2;
  }
  mkdirSync(artifactDir, { recursive: true });
  const artifacts = compileContracts();
  const stale = staleArtifacts(artifacts);
  if (mode === "--check") {
    for (const file of stale)
      console.error(`contracts/artifacts/${file} is stale: run bun contracts/compile.ts`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const file of stale) {
    const text = artifacts.get(file);
    if (text === undefined) rmSync(join(artifactDir, file));
    else writeFileSync(join(artifactDir, file), text);
    console.log(`contracts/artifacts/${file} ${text === undefined ? "removed" : "written"}`);
  }
  console.log(`${artifacts.size} artifacts up to date`);
  return 0;
}

if (import.meta.main) process.exit(main(process.argv.slice(2)));
