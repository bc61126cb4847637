import { expect, test } from "bun:test";
import { isTestCode, readText, repositoryFiles } from "./support/repository.ts";

// Patterns are built from pieces: this file must not contain what it looks for.
const MACHINE_PATHS = new RegExp(
  `(^|[\\s"'\`(=:])/(${["wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]", "tmp/" + "lab", "Us" + "ers"].join("|")})/`,
  "m",
);
const REGISTRY_HOSTS = new RegExp(
  [
    "regis" + "try\\.npm",
    "npm" + "js\\.(org|com)",
    "yarn" + "pkg\\.com",
    "npm\\.pkg\\." + "github",
    "regis" + "try=",
    // npm's lock file names the address of each package so.
    '"resol' + 'ved"\\s*:\\s*"http',
  ].join("|"),
);

/**
 * The accounts of "test test test … junk", which anvil prints at every start and every tool knows. Everything
 * else that looks like a key is a secret. https://getfoundry.sh/anvil/overview
 */
const ANVIL_KEYS = new Set([
  "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
  "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
  "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
  "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
  "92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
  "4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
  "dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
  "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
]);

const texts = repositoryFiles().filter((file) => !/\.(png|ico|gz|zip)$/.test(file));

/** The matching lines, shortened: a secret must not be repeated in a test report. */
function findings(files: readonly string[], isBad: (line: string) => boolean): string[] {
  return files.flatMap((file) =>
    readText(file)
      .split("\n")
      .flatMap((line, index) => (isBad(line) ? [`${file}:${index + 1}`] : [])),
  );
}

test("no file names a path of somebody's machine", () => {
  expect(findings(texts, (line) => MACHINE_PATHS.test(line))).toEqual([]);
});

test("no file names a package registry, lock files included", () => {
  expect(findings(texts, (line) => REGISTRY_HOSTS.test(line))).toEqual([]);
});

test("no private key but anvil's well-known ones, and those only in tests and localnet", () => {
  const isSecret = (file: string) => (line: string) =>
    [...line.matchAll(/(?:key|secret)\w*["']?\s*[:=]\s*["'`]?(?:0x)?([0-9a-f]{64})\b/gi)].some(
      ([, key = ""]) => !(isAnvilPlace(file) && (ANVIL_KEYS.has(key.toLowerCase()) || isPlainlyMadeUp(key))),
    );
  const bad = texts.flatMap((file) => findings([file], isSecret(file)));
  expect(bad).toEqual([]);
});

test("anvil's keys appear only in tests and localnet", () => {
  const wrong = texts.filter(
    (file) => !isAnvilPlace(file) && [...ANVIL_KEYS].some((key) => readText(file).includes(key)),
  );
  expect(wrong).toEqual([]);
});

test("no token of a chat service", () => {
  const telegram = /\b\d{8,10}:AA[\w-]{33}\b/;
  const discord = /discord(?:app)?\.com\/api\/webhooks\/\d{15,}\/[\w-]{30,}/;
  const pem = new RegExp(`-----BEGIN [A-Z ]*${"PRIVATE" + " KEY"}-----`);
  expect(findings(texts, (line) => telegram.test(line) || discord.test(line) || pem.test(line))).toEqual([]);
});

test("no .env file and no state is under version control", () => {
  expect(
    texts.filter((file) => /(^|\/)(\.env(\..+)?|state\/.*)$/.test(file) && !file.endsWith(".env.example")),
  ).toEqual([]);
});

function isAnvilPlace(file: string): boolean {
  return isTestCode(file) || file.startsWith("packages/localnet/");
}

/** `0x1111…`: at most two different digits, which no key drawn at random has. */
function isPlainlyMadeUp(key: string): boolean {
  return new Set(key).size <= 2;
}
