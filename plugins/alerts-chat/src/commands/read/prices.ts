/** `/prices`: what stands on chain beside what the sources say. */
import { type Line, line, plainLine } from "../../conversation/outbound.ts";
import { ago, usd } from "../../words/format.ts";
import type { Command } from "../command.ts";

export const prices: Command = {
  name: "prices",
  role: "viewer",
  about: "Prices on chain and at the sources",
  usage: "/prices",
  example: "/prices",
  changes: false,
  async run({ view }) {
    const snapshot = view.snapshot();
    if (snapshot === undefined) return { lines: [plainLine(`${view.botId} is starting.`)] };
    const ageMs = snapshot.priceAgeS === undefined ? undefined : Number(snapshot.priceAgeS) * 1000;
    const lines: Line[] = [
      line("**ETH/USD**"),
      plainLine(`chain ${usd(snapshot.chainEthUsd8)}`),
      plainLine(
        `source ${usd(snapshot.sourceEthUsd8)}${moveOf(snapshot.chainEthUsd8, snapshot.sourceEthUsd8)}`,
      ),
      line("**elizaOS/USD**"),
      plainLine(`chain ${usd(snapshot.chainElizaUsd8)}`),
      plainLine(
        `source ${usd(snapshot.sourceElizaUsd8)}${moveOf(snapshot.chainElizaUsd8, snapshot.sourceElizaUsd8)}`,
      ),
      plainLine(`updated ${ago(ageMs)}`),
    ];
    if (snapshot.spotTwapSpreadBps !== undefined) {
      lines.push(plainLine(`pool spot ${snapshot.spotTwapSpreadBps} bps from its average`));
    }
    return { lines };
  },
};

/** ` (+12 bps)` from the chain to the source. */
function moveOf(chain8: bigint | undefined, source8: bigint | undefined): string {
  if (chain8 === undefined || source8 === undefined || chain8 === 0n) return "";
  const bps = ((source8 - chain8) * 10_000n) / chain8;
  return ` (${bps >= 0n ? "+" : ""}${bps} bps)`;
}
