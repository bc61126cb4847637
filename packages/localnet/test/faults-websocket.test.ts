/** The faults as a WebSocket client meets them. */
import { expect, test } from "bun:test";
import { openSocket, SHORT_MS, useProxy } from "./faults-support.ts";

const net = useProxy();

type Frame = Record<string, unknown>;
const isHead = (frame: Frame) => frame.method === "eth_subscription";
const hasId = (id: number) => (frame: Frame) => frame.id === id;
const call = (id: number, method: string, params: unknown[] = []) => ({ jsonrpc: "2.0", id, method, params });

async function subscribed(url = net.proxy.wsUrl) {
  const socket = await openSocket(url);
  socket.send(call(1, "eth_subscribe", ["newHeads"]));
  expect(await socket.frame(hasId(1))).toMatchObject({ result: expect.any(String) });
  return socket;
}

/** A round trip: whatever the node pushed before it has arrived. */
async function settled(socket: Awaited<ReturnType<typeof openSocket>>, id: number) {
  socket.send(call(id, "eth_unsubscribe", ["0xff"]));
  await socket.frame(hasId(id));
}

test("without a fault: calls are answered and new heads arrive", async () => {
  const socket = await subscribed();
  socket.send(call(2, "eth_chainId"));
  expect(await socket.frame(hasId(2))).toMatchObject({ result: "0x539" });
  await net.chain.mine();
  const head = await socket.frame(isHead);
  expect(head).toMatchObject({
    params: { result: { number: await net.direct.call("eth_blockNumber") } },
  });
  expect(net.proxy.calls.get("eth_subscribe")).toBe(1);
  expect(net.proxy.requests).toBe(0);
  socket.close();
});

test("refuse, http-500, rate-limit, html: open sockets are closed and new ones refused", async () => {
  for (const kind of ["refuse", "http-500", "rate-limit", "html"] as const) {
    const socket = await subscribed();
    await net.setFault({ kind });
    await socket.closed;
    await expect(openSocket(net.proxy.wsUrl)).rejects.toThrow();
    await net.setFault(null);
  }
});

test("hang: an open socket stays open and silent", async () => {
  const socket = await subscribed();
  await net.setFault({ kind: "hang" });
  socket.send(call(2, "eth_chainId"));
  await net.proxy.nextCall("eth_chainId");
  await net.chain.mine();
  await Bun.sleep(SHORT_MS / 2); // The claim is that nothing comes, and nothing announces that.
  expect(socket.frames.filter((frame) => isHead(frame) || frame.id === 2)).toEqual([]);
  await net.setFault(null);
  expect(await socket.frame(hasId(2))).toMatchObject({ result: "0x539" });
  await net.chain.mine();
  await socket.frame(isHead);
  socket.close();
});

test("frozen-head: calls are answered from the past and no new head is announced", async () => {
  const [socket, witness] = await Promise.all([subscribed(), subscribed(net.chain.wsUrl)]);
  const frozen = await net.direct.call("eth_blockNumber");
  await net.setFault({ kind: "frozen-head" });
  await net.chain.mine();
  await witness.frame(isHead);
  await settled(socket, 3);
  socket.send(call(4, "eth_blockNumber"));
  expect(await socket.frame(hasId(4))).toMatchObject({ result: frozen });
  expect(socket.frames.filter(isHead)).toEqual([]);
  socket.close();
  witness.close();
});

test("slow: heads arrive late", async () => {
  const socket = await subscribed();
  await net.setFault({ kind: "slow", delayMs: SHORT_MS });
  const minedAtMs = performance.now();
  await net.chain.mine();
  await socket.frame(isHead);
  expect(performance.now() - minedAtMs).toBeGreaterThanOrEqual(SHORT_MS - 5);
  socket.close();
});

test("wrong-chain: an open subscription is cut, a new one follows the other chain", async () => {
  const socket = await subscribed();
  await net.setFault({ kind: "wrong-chain" });
  await socket.closed;
  const other = await subscribed();
  await net.otherChain.mine();
  expect(await other.frame(isHead)).toMatchObject({ params: { result: { number: "0x1" } } });
  other.close();
});

test("stop closes open sockets", async () => {
  const socket = await subscribed();
  await net.proxy.stop();
  await socket.closed;
});
