/** Two agents of one host on a local network, with short leases, and the operators file of a team that talks to them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Localnet, startLocalnet } from "@jeju-oracle/localnet";
import { type AuditEntry, readAudit } from "../../../plugins/alerts-chat/src/audit/audit-log.ts";
import type { FleetAgent } from "../../fleet/support/agent.ts";
import { Fleet } from "../../fleet/support/fleet.ts";

/** Short enough that a takeover does not take half a minute. */
export const TTL_MS = 5_000;
const QUICK_LEASE = {
  LEADER_LOCK_TTL_MS: String(TTL_MS),
  LEADER_LOCK_RENEW_MS: "1000",
  LEADER_LOCK_MARGIN_MS: "800",
  LEADER_LOCK_OP_TIMEOUT_MS: "1000",
  LEADER_LOCK_POLL_MS: "500",
};
const BOTS = ["bot-1", "bot-2"];
const ANSWERS = "This agent answers the chats";
const NO_LONGER = "This agent no longer answers the chats";

export class ChatFleet implements AsyncDisposable {
  readonly fleet: Fleet;
  readonly #net: Localnet;

  private constructor(net: Localnet, fleet: Fleet) {
    this.#net = net;
    this.fleet = fleet;
  }

  /**
   * Returns when both agents know the price and one answers the chats.
   * @param operators YAML of the operators file.
   * @param env of the team's channel.
   */
  static async start(operators: string, env: Readonly<Record<string, string>>): Promise<ChatFleet> {
    await using opening = new AsyncDisposableStack();
    const net = await startLocalnet();
    opening.defer(() => net.stop());
    const fleet = opening.use(await Fleet.open({ net, bots: BOTS, env: { ...QUICK_LEASE, ...env } }));
    const operatorsFile = join(fleet.directory, "operators.yaml");
    writeFileSync(operatorsFile, operators, { mode: 0o600 });
    for (const botId of BOTS) fleet.spawn(botId, { env: { OPERATORS_FILE: operatorsFile } });
    for (const agent of fleet.agents) await agent.line("Price on chain is current");
    await Promise.any(fleet.agents.map((agent) => agent.line(ANSWERS)));
    opening.move();
    return new ChatFleet(net, fleet);
  }

  /** The agent that holds the chat lease, and the one that does not, by their logs. */
  get roles(): { readonly answering: FleetAgent; readonly other: FleetAgent } {
    const living = this.fleet.agents.filter(({ alive }) => alive);
    const answering = living.filter(
      ({ output }) => output.lastIndexOf(ANSWERS) > output.lastIndexOf(NO_LONGER),
    );
    const other = living.find((agent) => agent !== answering[0]);
    if (answering.length !== 1 || other === undefined) throw new Error(`${answering.length} agents answer`);
    return { answering: answering[0]!, other };
  }

  /** What every agent's audit has of `what`, by proposal. */
  audited(what: string): readonly AuditEntry[] {
    return BOTS.flatMap((botId) => {
      const path = join(this.fleet.directory, `state-${botId}`, `audit-${botId}.jsonl`);
      return readAudit(path).filter((entry) => entry.what === what);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet[Symbol.asyncDispose]();
    await this.#net.stop();
  }
}
