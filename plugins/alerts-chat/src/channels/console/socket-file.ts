/**
 * The socket's file: only the user of this process may open it, in a directory that nobody else can change. A file that a dead
 * process left is replaced; one behind which somebody listens, or that is no socket, is not.
 */
import { chmodSync, lstatSync, mkdirSync, type Stats, statSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { ChannelError } from "../../conversation/channel-error.ts";

const OWNER_ONLY = 0o600;
/** What is taken from a new file's permissions so that {@link OWNER_ONLY} is left. */
const OWNER_ONLY_UMASK = 0o177;
const WRITABLE_BY_OTHERS = 0o022;
/** A local socket answers at once, or its process does not run. */
const PROBE_DEADLINE_MS = 2_000;
/** `sun_path` of unix(7) holds 108 bytes with a zero at the end; macOS has 104. */
const LONGEST_PATH_BYTES = 103;

/** Lets `server` listen at `path`. @throws {ChannelError} naming what is wrong with the place. */
export async function listenAt(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_PATH_BYTES)
    throw refusal(path, `its path is longer than ${LONGEST_PATH_BYTES} bytes`, "Use a shorter STATE_DIR.");
  requireOwnDirectory(dirname(path));
  await removeStale(path);
  await bind(server, path);
  chmodSync(path, OWNER_ONLY);
}

function requireOwnDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(directory);
  const own = process.getuid?.() ?? uid;
  if (uid !== own)
    throw refusal(
      directory,
      `it belongs to user ${uid}, and this process runs as user ${own}`,
      "Give every agent a STATE_DIR of its own user.",
    );
  if ((mode & WRITABLE_BY_OTHERS) !== 0)
    throw refusal(
      directory,
      `other users may write to it (mode ${(mode & 0o7777).toString(8).padStart(4, "0")})`,
      `Check who wrote to it, then: chmod 700 ${directory}`,
    );
}

async function removeStale(path: string): Promise<void> {
  const found = fileAt(path);
  if (found === undefined) return;
  if (!found.isSocket()) throw refusal(path, "something else lies there", `Move ${path} away.`);
  if (await isAnswered(path))
    throw refusal(path, "another agent listens there", "Give every agent a STATE_DIR of its own.");
  // What was probed, not what another process may have put there meanwhile.
  if (fileAt(path)?.ino === found.ino) unlinkSync(path);
}

function fileAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** True also for whoever does not answer in time: it is not known to be dead. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answered: boolean) => {
      clearTimeout(overdue);
      socket.destroy();
      resolve(answered);
    };
    const overdue = setTimeout(() => settle(true), PROBE_DEADLINE_MS);
    socket.once("connect", () => settle(true));
    socket.on("error", (error) => settle(!("code" in error && error.code === "ECONNREFUSED")));
  });
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(refusal(path, error.message, "Make the file system of STATE_DIR one that has sockets.", error)),
    );
    server.once("listening", () => resolve());
    // The file is made within listen(): at no time has it other permissions.
    const before = process.umask(OWNER_ONLY_UMASK);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
  });
}

function refusal(path: string, why: string, nextStep: string, cause?: unknown): ChannelError {
  return new ChannelError("console", `${path} is not used: ${why}`, {
    retryable: false,
    nextStep,
    ...(cause === undefined ? {} : { cause }),
  });
}
