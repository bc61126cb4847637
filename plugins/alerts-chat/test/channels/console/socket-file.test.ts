import { expect, test } from "bun:test";
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConsoleUnavailableError, connectConsole } from "@jeju-oracle/kit/console";
import { createRig, temporaryDirectory } from "./rig.ts";

test("the socket can be opened by its owner alone, whatever the umask, and is gone after stop", async () => {
  const before = process.umask(0);
  await using rig = createRig();
  try {
    expect(await rig.start()).toBe(true);
    expect(process.umask(0)).toBe(0);
  } finally {
    process.umask(before);
  }
  const found = lstatSync(rig.channel.socketPath);
  expect(found.isSocket()).toBe(true);
  expect(found.mode & 0o777).toBe(0o600);
  const client = await rig.client();
  await rig.channel.stop();
  await client.closed;
  expect(existsSync(rig.channel.socketPath)).toBe(false);
});

test("a directory that is missing is made, for its owner alone", async () => {
  const parent = temporaryDirectory();
  await using rig = createRig({ stateDir: join(parent, "state") });
  expect(await rig.start()).toBe(true);
  expect(statSync(rig.stateDir).mode & 0o777).toBe(0o700);
});

test("the socket of a dead process is replaced", async () => {
  await using rig = createRig();
  const script = `require("node:net").createServer().listen(${JSON.stringify(rig.channel.socketPath)}, () => console.log("up"))`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  await child.stdout.getReader().read();
  child.kill("SIGKILL");
  await child.exited;
  expect(lstatSync(rig.channel.socketPath).isSocket()).toBe(true);
  expect(await rig.start()).toBe(true);
  expect(await (await rig.client()).say("x")).toBe("answered");
});

test("the socket of a living agent is left alone, and the condition is raised with what to do", async () => {
  await using living = createRig();
  await living.start();
  await using second = createRig({ stateDir: living.stateDir });
  expect(await second.start()).toBe(false);
  expect(second.raised).toMatchObject([
    { key: "console-unavailable", summary: expect.stringContaining("another agent listens there") },
  ]);
  await second.channel.stop();
  expect(await (await living.client()).say("still served")).toBe("answered");
});

const unsafe: readonly (readonly [string, (directory: string) => void, string])[] = [
  [
    "a directory that others may write to",
    (directory) => chmodSync(directory, 0o770),
    "other users may write to it",
  ],
  [
    "a file in the socket's place",
    (directory) => writeFileSync(join(directory, "chat.sock"), "mine"),
    "something else lies there",
  ],
  [
    "a directory in the socket's place",
    (directory) => mkdirSync(join(directory, "chat.sock")),
    "something else lies there",
  ],
];
for (const [what, make, problem] of unsafe) {
  test(`${what} is refused, and nothing in it is touched`, async () => {
    await using rig = createRig();
    make(rig.stateDir);
    expect(await rig.start()).toBe(false);
    expect(rig.raised.map(({ summary }) => summary).join()).toContain(problem);
    if (what.startsWith("a file")) expect(readFileSync(rig.channel.socketPath, "utf8")).toBe("mine");
    if (what.includes("others")) expect(existsSync(rig.channel.socketPath)).toBe(false);
  });
}

test("a path that is too long for a socket is refused in words", async () => {
  const parent = temporaryDirectory();
  await using rig = createRig({ stateDir: join(parent, "d".repeat(100)) });
  expect(await rig.start()).toBe(false);
  expect(rig.raised[0]?.nextStep).toContain("shorter STATE_DIR");
});

test("whoever finds no agent is told what to do", async () => {
  await using rig = createRig();
  const failure = await connectConsole(rig.channel.socketPath, () => undefined).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ConsoleUnavailableError);
  expect(failure).toMatchObject({
    code: "console-unavailable",
    nextStep: expect.stringContaining("STATE_DIR"),
  });
});
