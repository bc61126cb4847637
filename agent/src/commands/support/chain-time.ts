/** Jeju's time, by which pauses and overrides end: the timestamp of its latest block. */
import {
  BaseError,
  type Clock,
  defineEnv,
  describeError,
  type Env,
  parseEnv,
  publicUrl,
  registerUrlSecrets,
  withDeadline,
} from "@jeju-oracle/kit";
import { oracleEnv } from "@jeju-oracle/plugin-oracle-updater";
import { z } from "zod";
import { describeMs } from "./duration.ts";

const REQUEST_DEADLINE_MS = 5_000;
/** A head that is further from this host's clock deserves a word: one of the two is wrong. */
const NOTABLE_SKEW_MS = 120_000;

const jejuEnv = defineEnv({ JEJU_RPC_URLS: oracleEnv.JEJU_RPC_URLS });
const answerSchema = z.object({ result: z.object({ timestamp: z.string().regex(/^0x[0-9a-fA-F]{1,16}$/) }) });

export interface ChainTime {
  readonly timeS: bigint;
  /** What a person should know of it. */
  readonly note: string | undefined;
}

class ChainTimeUnknownError extends BaseError {
  constructor(failures: readonly string[]) {
    super(`the time of Jeju cannot be read: ${failures.join("; ")}`, {
      code: "chain-time-unknown",
      retryable: true,
      nextStep: "Check JEJU_RPC_URLS, or leave --for out where that is possible. Nothing was changed.",
    });
  }
}

/**
 * Asks the endpoints one after the other; the first answer counts.
 * @throws {ConfigError} when JEJU_RPC_URLS is not usable. {ChainTimeUnknownError} when none answers.
 */
export async function readChainTime(env: Env, clock: Clock, signal: AbortSignal): Promise<ChainTime> {
  const { JEJU_RPC_URLS: urls } = parseEnv(jejuEnv, env);
  for (const url of urls) registerUrlSecrets(url);
  const failures: string[] = [];
  for (const url of urls) {
    try {
      const timeS = await latestBlockTimeS(url, clock, signal);
      return { timeS, note: skewNote(url, Number(timeS) * 1_000 - clock.wallMs()) };
    } catch (error) {
      failures.push(`${publicUrl(url)}: ${describeError(error)}`);
    }
  }
  throw new ChainTimeUnknownError(failures);
}

async function latestBlockTimeS(url: string, clock: Clock, parent: AbortSignal): Promise<bigint> {
  const body = { jsonrpc: "2.0", id: 1, method: "eth_getBlockByNumber", params: ["latest", false] };
  const json = await withDeadline(
    clock,
    "the latest block",
    REQUEST_DEADLINE_MS,
    async (signal) => {
      const headers = { "content-type": "application/json" };
      const reply = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal });
      if (!reply.ok) throw new Error(`HTTP status ${reply.status}`);
      return reply.json();
    },
    parent,
  );
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) throw new Error("the answer is no block");
  return BigInt(parsed.data.result.timestamp);
}

function skewNote(url: string, aheadMs: number): string | undefined {
  if (Math.abs(aheadMs) < NOTABLE_SKEW_MS) return undefined;
  const where = aheadMs < 0 ? "behind" : "ahead of";
  return `The latest block of ${publicUrl(url)} is ${describeMs(Math.abs(aheadMs))} ${where} this host's clock; the end counts by block time.`;
}
