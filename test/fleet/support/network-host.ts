/**
 * A host of its own for one agent: a network namespace whose only cable can be pulled, and relays by which the agent reaches
 * what listens on this machine's loopback. Needs root and iproute2.
 */
import { connect, createServer, type Server } from "node:net";
import type { Wrapper } from "./agent.ts";

export interface NetworkHost extends AsyncDisposable {
  /** Runs an agent on it. */
  readonly wrapper: Wrapper;
  /** Its own address. */
  readonly address: string;
  /** `host:port` at which it reaches a loopback port of this machine. */
  relay(port: number): Promise<string>;
  /** Every packet is lost from now on, in both directions. */
  pullCable(): void;
  plugCable(): void;
}

/** Whether this machine lets tests make network namespaces. */
export function canMakeHosts(): boolean {
  if (process.getuid?.() !== 0 || Bun.which("ip") === null) return false;
  const name = newName();
  const isPossible = Bun.spawnSync(["ip", "netns", "add", name]).success;
  if (isPossible) ip("netns", "del", name);
  return isPossible;
}

/** @throws when the machine does not allow it. */
export function makeHost(): NetworkHost {
  const name = newName();
  // RFC 2544: 198.18.0.0/15 is for tests of network devices, so that no real host is shadowed.
  const subnet = `198.18.${Math.floor(Math.random() * 256)}.${4 * Math.floor(Math.random() * 64)}`;
  const [prefix, last] = [subnet.slice(0, subnet.lastIndexOf(".")), Number(subnet.split(".").at(-1))];
  const [here, there] = [`${prefix}.${last + 1}`, `${prefix}.${last + 2}`];
  const [cable, plug] = [`${name}a`, `${name}b`];
  const servers: Server[] = [];
  ip("netns", "add", name);
  ip("link", "add", cable, "type", "veth", "peer", "name", plug, "netns", name);
  ip("addr", "add", `${here}/30`, "dev", cable);
  ip("link", "set", cable, "up");
  for (const command of [
    ["addr", "add", `${there}/30`, "dev", plug],
    ["link", "set", plug, "up"],
    ["link", "set", "lo", "up"],
  ]) {
    ip("-n", name, ...command);
  }
  return {
    wrapper: { command: ["ip", "netns", "exec", name], forks: false },
    address: there,
    async relay(port) {
      const server = createServer((client) => {
        const upstream = connect(port, "127.0.0.1");
        for (const [from, to] of [[client, upstream] as const, [upstream, client] as const]) {
          from.pipe(to);
          from.on("error", () => to.destroy());
          from.on("close", () => to.destroy());
        }
      });
      servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, here, resolve);
      });
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("the relay has no port");
      return `${here}:${address.port}`;
    },
    pullCable: () => ip("-n", name, "link", "set", plug, "down"),
    plugCable: () => ip("-n", name, "link", "set", plug, "up"),
    async [Symbol.asyncDispose]() {
      // The cable goes with the namespace.
      ip("netns", "del", name);
      for (const server of servers) server.close();
    },
  };
}

/** An interface's name has at most 15 characters. */
function newName(): string {
  return `of${crypto.randomUUID().slice(0, 8)}`;
}

function ip(...args: readonly string[]): void {
  const { success, stderr } = Bun.spawnSync(["ip", ...args]);
  if (!success) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
