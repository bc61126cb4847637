/** An agent that is started again when it ends, as a service manager does it. */
import { constants } from "node:os";
import { describeError } from "@jeju-oracle/kit";
import type { AgentProcess } from "./agent-process.ts";
import { pause } from "./pause.ts";

export interface SupervisedAgent {
  readonly botId: string;
  /** Of the process that runs; undefined while none does. */
  readonly pid: number | undefined;
  /** Of the process that runs or ran last: a new one may get another port. */
  readonly healthUrl: string;
  /** Settles when the agent is not started again: after `stop()`, or when it cannot run. Never rejects. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** As a service manager waits, and longer than a failover on one host: what is killed comes back to a new leader. */
const RESTART_PAUSE_MS = 5_000;
/**
 * An agent that ends this soon, this often in a row, will not run the next time either. Any exit code gets its tries:
 * the port that was free a moment ago may be taken when the agent listens, and the next start picks another.
 */
const SHORT_LIFE_MS = 5_000;
const MAX_SHORT_LIVES = 3;

/** @throws what `start` throws, the first time. Later failures are told at `tell`. */
export async function superviseAgent(
  start: () => Promise<AgentProcess>,
  tell: (line: string) => void,
  restartPauseMs = RESTART_PAUSE_MS,
): Promise<SupervisedAgent> {
  const stopping = new AbortController();
  let agent = await start();
  let runs = true;

  const keepRunning = async () => {
    let shortLives = 0;
    while (!stopping.signal.aborted) {
      const startedAtMs = performance.now();
      const code = await agent.exited;
      runs = false;
      if (stopping.signal.aborted) return;
      shortLives = performance.now() - startedAtMs < SHORT_LIFE_MS ? shortLives + 1 : 0;
      if (shortLives >= MAX_SHORT_LIVES) {
        tell(`ended (${describeExit(code)}) and cannot run like this: the lines above say why`);
        return;
      }
      const soon = restartPauseMs === 0 ? "" : ` in ${restartPauseMs / 1000} s`;
      tell(`ended (${describeExit(code)}), is started again${soon}, as a service manager does`);
      await pause(restartPauseMs, stopping.signal);
      if (stopping.signal.aborted) return;
      agent = await start();
      runs = true;
      if (stopping.signal.aborted) await agent.stop();
    }
  };
  const ended = keepRunning().catch((error: unknown) =>
    tell(`could not be started again: ${describeError(error)}`),
  );

  return {
    botId: agent.botId,
    get pid() {
      return runs ? agent.pid : undefined;
    },
    get healthUrl() {
      return agent.healthUrl;
    },
    ended,
    async stop() {
      stopping.abort();
      await agent.stop();
      await ended;
    },
  };
}

/** A shell's convention, which Bun follows: 128 and the signal's number. */
function describeExit(code: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
  return signal === undefined ? `exit code ${code}` : `by ${signal}`;
}
