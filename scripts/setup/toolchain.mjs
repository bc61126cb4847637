import { execFileSync } from "node:child_process";
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fingerprintOfManifests } from "./fingerprint.mjs";
import { withInstallLock } from "./install-lock.mjs";
import { runStep } from "./run-step.mjs";
import { SetupError } from "./setup-error.mjs";

/**
 * Installs the pinned Bun and the dependencies of the current bun.lock unless both are there, puts that Bun
 * first on PATH and returns the path of its binary.
 *
 * Each install leaves a stamp as its very last act, so an interrupted one is done again. When nothing is
 * missing this costs a few file reads and takes no lock.
 *
 * @param {string} root the repository
 * @returns {Promise<string>}
 * @throws {SetupError} when an install fails
 */
export async function ensureToolchain(root) {
  const version = pinnedBunVersion(root);
  const isReady = () => installedBun(root, version) !== null && dependenciesAreInstalled(root, version);
  if (!isReady()) {
    await withInstallLock(join(root, "tools", "bun", ".install-lock"), async () => {
      if (installedBun(root, version) === null) await installBun(root, version);
      if (!dependenciesAreInstalled(root, version)) await installDependencies(root, version);
    });
  }
  const bun = installedBun(root, version);
  if (bun === null)
    throw new SetupError("Bun disappeared right after it was installed. Run the command again.");
  process.env.PATH = dirname(bun) + delimiter + (process.env.PATH ?? "");
  return bun;
}

/**
 * `packageManager` of package.json is the one place that names the version.
 * @param {string} root
 */
function pinnedBunVersion(root) {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const match = /^bun@(\d+\.\d+\.\d+)$/.exec(manifest.packageManager ?? "");
  if (match?.[1] === undefined) {
    throw new SetupError(
      `package.json: packageManager must be "bun@<version>" such as "bun@1.4.5", found ${JSON.stringify(manifest.packageManager)}.`,
    );
  }
  return match[1];
}

/** @param {string} root */
const bunStampFile = (root) => join(root, "tools", "bun", "node_modules", ".ready.json");

/** @param {string} root */
const dependenciesStampFile = (root) => join(root, "node_modules", ".ready.json");

/**
 * @param {string} root
 * @param {string} version
 * @returns {string | null} the binary
 */
function installedBun(root, version) {
  const stamp = readStamp(bunStampFile(root));
  if (stamp === null || stamp.version !== version || stamp.binary === undefined) return null;
  const binary = join(root, stamp.binary);
  return existsSync(binary) ? binary : null;
}

/**
 * @param {string} root
 * @param {string} version
 */
function dependenciesAreInstalled(root, version) {
  return readStamp(dependenciesStampFile(root))?.fingerprint === fingerprintOfManifests(root, version);
}

/**
 * The npm package `bun` links its binary in an install script, which npm 11 holds back until approved. The
 * binary itself is a plain file of the optional package for this platform: we run that, script or not.
 *
 * @param {string} root
 * @param {string} version
 */
async function installBun(root, version) {
  const directory = join(root, "tools", "bun");
  if (workingBinary(root, version) === null) {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    await runStep({
      title: `Installing Bun ${version}`,
      command: npm,
      arguments: ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
      directory,
      onFailure: "npm ci in tools/bun failed.",
    });
  }
  const binary = workingBinary(root, version);
  if (binary === null) {
    throw new SetupError(
      `npm installed no Bun ${version} that runs on ${process.platform} ${process.arch}. ` +
        "Bun is built for Linux and macOS on x64 and arm64.\n" +
        "If this machine is one of those: tools/bun/package.json and packageManager in package.json must name " +
        "the same version, and npm must not be told to leave out optional dependencies (npm config get omit).",
    );
  }
  // What the install script would have done: make tools/bun/node_modules/.bin/bun work for people at a prompt.
  const entry = join(directory, "node_modules", "bun", "bin", "bun.exe");
  rmSync(entry, { force: true });
  linkSync(join(root, binary), entry);
  writeFileSync(bunStampFile(root), JSON.stringify({ version, binary }));
}

/**
 * @param {string} root
 * @param {string} version
 * @returns {string | null} path relative to the repository
 */
function workingBinary(root, version) {
  const scope = join("tools", "bun", "node_modules", "@oven");
  if (!existsSync(join(root, scope))) return null;
  for (const name of readdirSync(join(root, scope))) {
    const manifest = readStamp(join(root, scope, name, "package.json"));
    if (manifest?.version !== version) continue;
    // Before it knew `libc`, npm installed the musl build beside the glibc one: only one of them runs.
    for (const file of ["bun", "bun.exe"]) {
      const binary = join(scope, name, "bin", file);
      if (existsSync(join(root, binary)) && runs(join(root, binary), version)) return binary;
    }
  }
  return null;
}

/**
 * @param {string} root
 * @param {string} version
 */
async function installDependencies(root, version) {
  const bun = installedBun(root, version);
  if (bun === null) throw new SetupError("The dependencies cannot be installed: Bun is missing.");
  await runStep({
    title: "Installing the dependencies",
    command: bun,
    arguments: ["install", "--frozen-lockfile", "--no-progress"],
    directory: root,
    onFailure:
      "bun install --frozen-lockfile failed.\n" +
      "If it says that the lock file changed: a package.json names a dependency that bun.lock does not hold; " +
      "run `bun install` and commit bun.lock.",
  });
  writeFileSync(
    dependenciesStampFile(root),
    JSON.stringify({ fingerprint: fingerprintOfManifests(root, version) }),
  );
}

/**
 * @param {string} binary
 * @param {string} version
 */
function runs(binary, version) {
  try {
    return (
      execFileSync(binary, ["--version"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim() === version
    );
  } catch {
    // A build for another C library or processor: not the one we look for.
    return false;
  }
}

/**
 * @param {string} file
 * @returns {Record<string, string | undefined> | null} null when there is none, or a torn one
 */
function readStamp(file) {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
