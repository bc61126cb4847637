import { readText } from "./repository.ts";

const transpiler = new Bun.Transpiler({ loader: "ts" });

/**
 * Every module that a source file names: imports, re-exports, dynamic imports, `require`, and types as well,
 * which Bun's parser alone leaves out because they are gone at run time.
 */
export function importsOf(file: string): string[] {
  return importsIn(readText(file));
}

export function importsIn(source: string): string[] {
  // Type-only imports become plain ones, so that the parser keeps them.
  const withoutShebang = source.replace(/^#!.*/, "");
  const plain = withoutShebang.replace(/\b(?:import|export)\s[\w\s{},*$]*?\bfrom\s*(?=["'])/g, (clause) =>
    clause.replace(/\btype\s+(?=[\w{*$])/g, ""),
  );
  const found = transpiler.scanImports(plain).map((item) => item.path);
  const importTypes = [...source.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)].map(
    (match) => match[1] ?? "",
  );
  return [...new Set([...found, ...importTypes])];
}
