/** A TCP line to a server that can be cut, held up, or made to swallow replies. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Wire } from "../stores/store-fixture.ts";

type State = "pass" | "cut" | "hang" | "dropReplies";

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  /** Replies were lost on it: what came next would make no sense to the client. */
  torn: boolean;
  /** Nothing moves on it any more, whatever the state. */
  stranded: boolean;
}

export interface CutProxy extends Wire {
  readonly port: number;
}

/** Listens at a free loopback port and passes everything on to `serverPort`, until told otherwise. */
export async function startCutProxy(serverPort: number): Promise<CutProxy> {
  const lines = new Set<Line>();
  let state: State = "pass";

  const drop = (line: Line) => {
    if (!lines.delete(line)) return;
    line.client.resetAndDestroy();
    line.server.destroy();
  };
  const move = (line: Line, moves: boolean) => {
    for (const end of [line.client, line.server]) moves && !line.stranded ? end.resume() : end.pause();
  };
  const set = (next: State) => () => {
    state = next;
    for (const line of lines) {
      if (next === "cut" || (next === "pass" && line.torn)) drop(line);
      else move(line, next !== "hang");
    }
  };
  const listener = createServer({ pauseOnConnect: true }, (client) => {
    if (state === "cut") {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    const line: Line = { client, server: connect(serverPort, "127.0.0.1"), torn: false, stranded: false };
    lines.add(line);
    client.on("data", (bytes) => line.server.write(bytes));
    line.server.on("data", (bytes) => {
      if (state === "dropReplies") line.torn = true;
      else client.write(bytes);
    });
    for (const end of [client, line.server]) {
      end.on("error", () => drop(line));
      end.on("close", () => drop(line));
    }
    move(line, state !== "hang");
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (listener.address() as AddressInfo).port,
    pass: set("pass"),
    cut: set("cut"),
    hang: set("hang"),
    dropReplies: set("dropReplies"),
    strand: () => {
      for (const line of lines) {
        line.stranded = true;
        move(line, false);
      }
    },
    close: async () => {
      for (const line of lines) drop(line);
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
