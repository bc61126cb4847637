/** What a person can try while it runs. Pure. */
import type { BotState } from "./fleet-watch.ts";

/** Commands as they are typed into another terminal, and what they do. */
export function hints(leader: BotState | undefined, lockFile: string): readonly string[] {
  const file = shellWord(lockFile);
  const commands: readonly (readonly [string, string])[] = [
    leader?.pid === undefined
      ? ["kill -9 <pid>", "an agent dies"]
      : [`kill -9 ${leader.pid}`, `the leader, ${leader.botId}, dies`],
    [`cat ${file}`, "who leads, and its pid"],
    [`rm ${file}`, "the leader resigns and sits out a while"],
  ];
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    "To see another take over, in another terminal in this directory:",
    ...commands.map(([command, effect]) => `  ${command.padEnd(width)}  ${effect}`),
    // The longest one stands alone, so that it fits into 80 columns and can be copied in one piece.
    `  LEADER_LOCK_FILE=${file} npm run oracle-agent -- list`,
    "Ctrl-C here ends everything.",
  ];
}

/** Quoted for a shell where that is needed. */
function shellWord(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
