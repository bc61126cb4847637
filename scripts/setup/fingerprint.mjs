import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What decides the content of node_modules: the lock file, every package.json of the workspace, Bun's
 * settings and Bun's version, and the platform (a checkout may be shared with a container).
 *
 * @param {string} root
 * @param {string} bunVersion
 */
export function fingerprintOfManifests(root, bunVersion) {
  const hash = createHash("sha256").update(`${bunVersion} ${process.platform} ${process.arch}`);
  for (const file of ["bun.lock", "bunfig.toml", ...manifests(root)]) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/**
 * @param {string} root
 * @returns {string[]}
 */
function manifests(root) {
  /** @type {string[]} */
  const patterns = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).workspaces;
  const directories = patterns.flatMap((pattern) => {
    if (!pattern.endsWith("/*")) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  const files = directories.map((directory) => `${directory}/package.json`);
  return ["package.json", ...files.filter((file) => existsSync(join(root, file))).sort()];
}
