/** Where a package is installed, without asking anybody to install it. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

export interface InstalledPackage {
  /** Absolute path of what an import of the package runs. */
  readonly entry: string;
  readonly version: string;
}

const manifestSchema = z.object({ version: z.string() });

/**
 * Looks for `name` in the `node_modules` of `from` and of the folders above it. Only what lies there is resolved: Bun fetches a
 * package that it cannot find from a registry where no `node_modules` exists, and runs it.
 * @returns undefined when it is not installed. @throws when it is broken.
 */
export function findPackage(name: string, from: string): InstalledPackage | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, "node_modules", name, "package.json");
    if (existsSync(manifest)) {
      const { version } = manifestSchema.parse(JSON.parse(readFileSync(manifest, "utf8")));
      return { entry: Bun.resolveSync(name, folder), version };
    }
    if (dirname(folder) === folder) return undefined;
  }
}
