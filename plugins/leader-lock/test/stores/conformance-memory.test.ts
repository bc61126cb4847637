/** The store that other tests rely on is held to the same contract as the real ones. */
import { MemoryStoreServer, type StoreFault } from "../support/memory-store.ts";
import { describeCoordinationStore } from "./store-conformance.ts";
import type { StoreFixture, Wire } from "./store-fixture.ts";

type WireState = "pass" | "cut" | "hang" | "dropReplies";

const never = new Promise<never>(() => undefined);
const faultOf: Readonly<Record<WireState, StoreFault>> = {
  pass: {},
  cut: { drop: "request" },
  hang: { requestAfter: never },
  dropReplies: { replyAfter: never },
};

async function memoryFixture(): Promise<StoreFixture> {
  const server = new MemoryStoreServer();
  const states = new Map<string, WireState>();
  let host: WireState = "pass";
  const setHost = (state: WireState) => {
    host = state;
  };
  server.faultOf = ({ client }) => faultOf[host === "pass" ? (states.get(client) ?? "pass") : host];
  const wireOf = (client: string): Wire => {
    const set = (state: WireState) => () => void states.set(client, state);
    return {
      pass: set("pass"),
      cut: set("cut"),
      hang: set("hang"),
      dropReplies: set("dropReplies"),
      // Calls in memory have no connections that could.
      strand: () => undefined,
      close: async () => undefined,
    };
  };
  return {
    open: () => server.client(),
    wipe: async () => server.wipe(),
    close: async () => undefined,
    server: {
      kill: async () => setHost("cut"),
      start: async () => setHost("pass"),
      freeze: () => setHost("hang"),
      thaw: () => setHost("pass"),
      openThroughWire: async () => {
        const client = crypto.randomUUID();
        return { store: server.client(client), wire: wireOf(client) };
      },
    },
  };
}

describeCoordinationStore("memory", memoryFixture, { server: true });
