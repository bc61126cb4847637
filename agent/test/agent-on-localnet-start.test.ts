/** Starting against real chains: what is wrong is refused before anything is sent, what is out of reach is waited for. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Localnet, type RpcProxy, startLocalnet, startRpcProxy } from "@jeju-oracle/localnet";
import { deployedEnv, secretsOf } from "./support/deployed-env.ts";
import { spawnCli } from "./support/spawned-agent.ts";

/** An update is due at once: a wrong start that sent anything would be seen. */
const PRICE_AGE_S = 600;
const CASE_DEADLINE_MS = 60_000;
const NO_CONTRACT = "0x000000000000000000000000000000000000dEaD";

const directory = mkdtempSync(join(tmpdir(), "agent-start-"));
let net: Localnet;
let base: RpcProxy;
let jeju: RpcProxy;

beforeAll(async () => {
  net = await startLocalnet({ bots: 2, fence: "contract", initialOracle: { ageS: PRICE_AGE_S } });
  base = await startRpcProxy({ target: net.base.rpcUrl });
  jeju = await startRpcProxy({ target: net.jeju.rpcUrl });
}, 30_000);

afterAll(async () => {
  await Promise.all([base, jeju].map((proxy) => proxy?.stop()));
  await net?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

/** A right environment: the fence and a bot's own key. */
function rightEnv(): Record<string, string> {
  return {
    ...deployedEnv(net, join(directory, crypto.randomUUID()), { base: base.url, jeju: jeju.url }),
    FENCED_UPDATER_ADDRESS: net.addresses.fencedUpdater ?? "",
    PRICE_UPDATER_PRIVATE_KEY: net.keys.bots[0]?.privateKey ?? "",
  };
}

function sharedKeyFile(): string {
  const file = join(directory, "key-for-all");
  writeFileSync(file, net.keys.bots[0]?.privateKey ?? "");
  chmodSync(file, 0o644);
  return file;
}

interface Refusal {
  readonly title: string;
  /** Changes to a right environment; undefined removes the variable. */
  readonly wrong: () => Readonly<Record<string, string | undefined>>;
  /** The start of one line each. */
  readonly lines: readonly string[];
}

const REFUSALS: readonly Refusal[] = [
  {
    title: "variables that are missing",
    wrong: () => ({ ORACLE_ADDRESS: undefined, ELIZAOS_TOKEN_BASE: "" }),
    lines: [
      "ORACLE_ADDRESS: is required but not set (example: ORACLE_ADDRESS=",
      "ELIZAOS_TOKEN_BASE: is required but not set (example: ELIZAOS_TOKEN_BASE=",
    ],
  },
  {
    title: "variables that are malformed or contradict each other",
    wrong: () => ({ UPDATE_INTERVAL_MS: "5m", ORACLE_ADDRESS: "0x123", BASE_RPC_URLS: "base.example.com" }),
    lines: ["UPDATE_INTERVAL_MS: ", "ORACLE_ADDRESS: ", "BASE_RPC_URLS: "],
  },
  {
    title: "a key file that others can read",
    wrong: () => ({ PRICE_UPDATER_PRIVATE_KEY: undefined, PRICE_UPDATER_PRIVATE_KEY_FILE: sharedKeyFile() }),
    lines: ["PRICE_UPDATER_PRIVATE_KEY_FILE: names a file that others can read: run chmod 600"],
  },
  {
    title: "Jeju endpoints of another chain",
    wrong: () => ({ JEJU_CHAIN_ID: "420691" }),
    lines: ["JEJU_RPC_URLS: endpoint 0 is on chain 1337, expected is 420691"],
  },
  {
    title: "Base and Jeju endpoints that are mixed up",
    wrong: () => ({ BASE_RPC_URLS: jeju.url, JEJU_RPC_URLS: base.url }),
    lines: [
      "BASE_RPC_URLS: endpoint 0 is on chain 1337, expected is 8453",
      "JEJU_RPC_URLS: endpoint 0 is on chain 8453, expected is 1337",
    ],
  },
  {
    title: "no contract at ORACLE_ADDRESS",
    wrong: () => ({ ORACLE_ADDRESS: NO_CONTRACT }),
    lines: [`ORACLE_ADDRESS: there is no ManualPriceOracle at ${NO_CONTRACT} on Jeju`],
  },
  {
    title: "no contracts where the sources should be",
    wrong: () => ({ CHAINLINK_ETH_USD_FEED: NO_CONTRACT, UNISWAP_V3_FACTORY: NO_CONTRACT }),
    lines: [
      `CHAINLINK_ETH_USD_FEED: there is no price feed at ${NO_CONTRACT} on Base`,
      `UNISWAP_V3_FACTORY: there is no elizaOS/WETH pool in any fee tier at ${NO_CONTRACT} on Base`,
    ],
  },
  {
    title: "a key that the oracle does not accept",
    wrong: () => ({ FENCED_UPDATER_ADDRESS: undefined }),
    lines: ["PRICE_UPDATER_PRIVATE_KEY: the oracle accepts updates from"],
  },
  {
    title: "a key that the fenced updater does not list",
    wrong: () => ({ PRICE_UPDATER_PRIVATE_KEY: net.keys.trader.privateKey }),
    lines: ["PRICE_UPDATER_PRIVATE_KEY: the fenced updater does not list"],
  },
  {
    title: "no FencedPriceUpdater of this oracle at FENCED_UPDATER_ADDRESS",
    wrong: () => ({ FENCED_UPDATER_ADDRESS: NO_CONTRACT }),
    lines: [
      "FENCED_UPDATER_ADDRESS: the oracle accepts updates from",
      "FENCED_UPDATER_ADDRESS: there is no FencedPriceUpdater of this oracle at",
    ],
  },
];

describe("exits with 78 before anything is sent, one line per problem, for", () => {
  for (const { title, wrong, lines } of REFUSALS) {
    test(
      title,
      async () => {
        const merged = { ...rightEnv(), ...wrong() };
        const env = Object.fromEntries(
          Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
        );
        await using agent = spawnCli(["run"], env);
        expect(await agent.exitCode()).toBe(78);
        const problems = agent
          .output()
          .split("\n")
          .filter((line) => /^[A-Z0-9_]+: /.test(line));
        expect(problems).toHaveLength(lines.length);
        for (const start of lines) {
          const matching = problems.filter((line) => line.startsWith(start));
          expect(matching).toHaveLength(1);
          const variable = start.slice(0, start.indexOf(":"));
          expect(matching[0]).toMatch(new RegExp(`\\(example: ${variable}=.+\\)$`));
        }
        expect(jeju.calls.get("eth_sendRawTransaction")).toBeUndefined();
        for (const secret of [...secretsOf(rightEnv()), ...secretsOf(env)]) {
          if (secret !== "") expect(agent.output()).not.toContain(secret);
        }
      },
      CASE_DEADLINE_MS,
    );
  }
});

describe("chains that are out of reach are no configuration problem", () => {
  for (const [title, broken] of [
    ["Base", () => [base]],
    ["Jeju", () => [jeju]],
    ["both chains", () => [base, jeju]],
  ] as const) {
    test(
      `without ${title} it starts, says so, and serves when they appear`,
      async () => {
        for (const proxy of broken()) await proxy.setFault({ kind: "refuse" });
        const { length: updatesBefore } = await net.updates();
        const env = { ...rightEnv(), UPDATE_INTERVAL_MS: "10000", MIN_UPDATE_INTERVAL_S: "1" };
        await using agent = spawnCli(["run"], env);
        const url = await agent.url();
        await agent.line("Startup check could not look at everything; the agent starts and keeps trying");
        await agent.line("Agent is ready");
        expect((await fetch(`${url}/livez`)).status).toBe(200);
        expect((await fetch(`${url}/readyz`)).status).toBe(200);
        const waiting = await fetch(`${url}/health`);
        expect(waiting.status).toBe(503);
        expect(await waiting.json()).toMatchObject({ status: "unhealthy", lastUpdate: 0 });

        for (const proxy of broken()) await proxy.setFault(null);
        await agent.line("Oracle updated successfully");
        expect((await net.updates()).length).toBeGreaterThan(updatesBefore);
        expect((await fetch(`${url}/health`)).status).toBe(200);
        agent.signal("SIGTERM");
        expect(await agent.exitCode()).toBe(0);
        for (const secret of secretsOf(env)) expect(agent.output()).not.toContain(secret);
      },
      CASE_DEADLINE_MS,
    );
  }
});
