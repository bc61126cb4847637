/** Run by the orphan test: starts a chain, prints its pid, and waits to be killed (or for its own parent to go). */
import { startChain } from "../../src/chain/chain.ts";

const chain = await startChain({ chainId: 31_337, blockTimeMs: 100 });
console.log(chain.pid);
for await (const _ of Bun.stdin.stream());
await chain.stop();
