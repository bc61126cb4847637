/** The agents of `npm start`: one process each, every one started again when it ends. */
import { join } from "node:path";
import { type AgentProcess, startAgentProcess } from "./agent-process.ts";
import { type SupervisedAgent, superviseAgent } from "./supervised-agent.ts";

export interface FleetOptions {
  /** The environment of each bot, BOT_ID among it. */
  readonly envs: readonly Readonly<Record<string, string>>[];
  /** A directory that exists; each bot gets one of its own in it. */
  readonly stateDir: string;
  /** The first bot's port when it is free, the next bot's the next one; 0: any. */
  readonly firstPort: number;
  /** A line that an agent wrote, or what became of its process. */
  readonly onLine: (botId: string, line: string) => void;
  /** Time in ms between the end of a process and the start of the next. */
  readonly restartPauseMs?: number;
}

export interface Fleet {
  readonly agents: readonly SupervisedAgent[];
  /** Settles when no agent runs or will be started again. Never rejects. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** @throws when an agent's process cannot be started; then none is left running. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const agents: SupervisedAgent[] = [];
  const stop = async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
  };
  try {
    for (const [index, env] of options.envs.entries()) agents.push(await startAgent(options, env, index));
  } catch (error) {
    await stop();
    throw error;
  }
  return { agents, ended: Promise.all(agents.map(({ ended }) => ended)).then(() => undefined), stop };
}

function startAgent(
  { stateDir, firstPort, onLine, restartPauseMs }: FleetOptions,
  env: Readonly<Record<string, string>>,
  index: number,
): Promise<SupervisedAgent> {
  const botId = env.BOT_ID ?? `bot-${index + 1}`;
  const tell = (line: string) => onLine(botId, line);
  const start = (): Promise<AgentProcess> =>
    startAgentProcess({
      botId,
      env,
      stateDir: join(stateDir, botId),
      preferredPort: firstPort === 0 ? 0 : firstPort + index,
      onLine: tell,
    });
  return superviseAgent(start, tell, restartPauseMs);
}
