import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "with-bun-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script of the given source the way `npm run` does, without a terminal. */
function runScript(source: string, ...args: readonly string[]) {
  const script = join(folder, `${crypto.randomUUID()}.ts`);
  writeFileSync(script, source);
  return Bun.spawn(["node", join(root, "scripts/with-bun.mjs"), script, ...args], {
    cwd: folder,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    // As a process group of its own it hears only what it is sent.
    detached: true,
  });
}

/** A script that prints "ready" and then, on each signal, its name. */
const LISTENER = `
  let heard = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      heard += 1;
      console.log(signal);
      setTimeout(() => process.exit(heard === 1 ? 7 : 99), 200);
    });
  console.log("ready " + process.pid);
  setInterval(() => {}, 1000);
`;

async function readFirstLine(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value);
  }
  const rest = async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return text;
      text += decoder.decode(value);
    }
  };
  return { line: text.split("\n")[0] ?? "", rest };
}

test("arguments reach the script and its exit code comes back", async () => {
  const run = runScript("console.log(process.argv.slice(2).join('|')); process.exit(42);", "a b", "--flag");
  expect(await run.exited).toBe(42);
  expect(await new Response(run.stdout).text()).toBe("a b|--flag\n");
});

test("a script that dies by a signal makes the wrapper die by it", async () => {
  const run = runScript("process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);");
  await run.exited;
  expect(run.signalCode).toBe("SIGKILL");
});

test("the pinned Bun is first on PATH, and nothing but the script writes to stdout", async () => {
  const run = runScript(
    "console.log(Bun.version, Bun.spawnSync(['bun', '--version']).stdout.toString().trim());",
  );
  expect(await run.exited).toBe(0);
  expect(await new Response(run.stdout).text()).toBe(`${Bun.version} ${Bun.version}\n`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} reaches the script once, even when it is sent twice, and the script may finish`, async () => {
    const run = runScript(LISTENER);
    const output = await readFirstLine(run.stdout);
    run.kill(signal);
    run.kill(signal);
    expect(await run.exited).toBe(7);
    expect((await output.rest()).split("\n").slice(1)).toEqual([signal, ""]);
  });
}

test.if(process.platform === "linux")(
  "a killed wrapper leaves nothing behind, grandchildren included",
  async () => {
    const run = runScript(
      `const child = Bun.spawn(["sleep", "600"], { detached: true });
     console.log("pids " + process.pid + " " + child.pid);
     setInterval(() => {}, 1000);`,
    );
    const output = await readFirstLine(run.stdout);
    const pids = output.line.split(" ").slice(1).map(Number);
    expect(pids).toHaveLength(2);
    run.kill("SIGKILL");
    // The pipe ends when the last process that writes to it is gone.
    await output.rest();
    const deadlineMs = performance.now() + 5_000;
    while (pids.some(isAlive) && performance.now() < deadlineMs) await Bun.sleep(10);
    expect(pids.filter(isAlive)).toEqual([]);
  },
);

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
