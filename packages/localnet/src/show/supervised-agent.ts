/** An agent that is started again when it ends, as a service manager does it. */
import { constants } from "node:os";
import { describeError } from "@jeju-oracle/kit";
import type { AgentProcess } from "./agent-process.ts";
import { pause } from "./pause.ts";

export interface SupervisedAgent {
  /** Of the process that runs now: a new one may have got another port. */
  readonly healthUrl: string;
  /** Settles when the agent is not started again: after `stop()`, or when it cannot run. Never rejects. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const RESTART_PAUSE_MS = 1_000;
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

  const keepRunning = async () => {
    let shortLives = 0;
    while (!stopping.signal.aborted) {
      const startedAtMs = performance.now();
      const code = await agent.exited;
      if (stopping.signal.aborted) return;
      const end = `Agent ${agent.botId} ended (${describeExit(code)})`;
      shortLives = performance.now() - startedAtMs < SHORT_LIFE_MS ? shortLives + 1 : 0;
      if (shortLives >= MAX_SHORT_LIVES) {
        tell(`${end} and cannot run like this: the lines above say why.`);
        return;
      }
      tell(`${end}. Starting it again, as a service manager does.`);
      await pause(restartPauseMs, stopping.signal);
      if (stopping.signal.aborted) return;
      agent = await start();
      if (stopping.signal.aborted) await agent.stop();
    }
  };
  const ended = keepRunning().catch((error: unknown) =>
    tell(`The agent could not be started again: ${describeError(error)}`),
  );

  return {
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
