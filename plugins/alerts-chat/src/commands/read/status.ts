/** `/status`: is all well, and if not, what is not. */
import { type Line, line, plainLine } from "../../conversation/outbound.ts";
import { runwayText } from "../../schedule/watch/runway-text.ts";
import { ago, eth, gwei, span } from "../../words/format.ts";
import type { Command } from "../command.ts";

export const status: Command = {
  name: "status",
  role: "viewer",
  about: "Is all well?",
  usage: "/status",
  example: "/status",
  changes: false,
  async run({ view, watch }) {
    const snapshot = view.snapshot();
    if (snapshot === undefined) return { lines: [plainLine(`${view.botId} is starting.`)] };
    const leadership = view.leadership();
    const ageMs = snapshot.priceAgeS === undefined ? undefined : Number(snapshot.priceAgeS) * 1000;
    const lines: Line[] = [
      line(snapshot.healthy ? "✅ **Healthy**" : "❌ **Unhealthy**"),
      ...snapshot.unhealthyReasons.map((reason) => plainLine(`· ${reason}`)),
      plainLine(`Price updated ${ago(ageMs)}`),
      plainLine(`Leader ${leadership?.leaderId ?? "nobody"}, term ${leadership?.term ?? 0}`),
    ];
    if (snapshot.pausedBy !== undefined) lines.push(plainLine(`⏸ ${snapshot.pausedBy}`));
    if (snapshot.lastDecision !== undefined) {
      const { kind, reason } = snapshot.lastDecision;
      lines.push(plainLine(`Last look: ${kind} ${reason}`));
    }
    if (snapshot.inFlightAgeMs !== undefined)
      lines.push(plainLine(`In flight for ${span(snapshot.inFlightAgeMs)}`));
    if (snapshot.consecutiveFailures > 0)
      lines.push(plainLine(`${snapshot.consecutiveFailures} failures in a row`));
    lines.push(plainLine(`Wallet ${eth(snapshot.walletBalanceWei)}, gas ${gwei(snapshot.gasPriceWei)}`));
    if (watch !== undefined) lines.push(plainLine(`   ${runwayText(watch.runway())}`));
    lines.push(plainLine(`as ${view.botId} sees it`));
    return { lines };
  },
};
