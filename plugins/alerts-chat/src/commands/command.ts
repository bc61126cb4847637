/** A chat command, as data. Reads answer; proposals end in a card; responses change only how alerts are handled. */

import type { SystemView } from "../actions/system-view.ts";
import type { AlertDesk } from "../alerts/alert-desk.ts";
import type { AuditLog } from "../audit/audit-log.ts";
import type { Proposals } from "../confirm/proposer.ts";
import type { Place } from "../conversation/inbound.ts";
import type { OutboundMessage } from "../conversation/outbound.ts";
import type { People, Principal, Role } from "../people/people.ts";
import type { Watched } from "../schedule/watch/watch.ts";

/** Who asks, and where. */
export interface Asking {
  readonly principal: Principal | undefined;
  readonly displayName: string;
  readonly place: Place;
}

export interface Command {
  /** As in chat, with underscores: Telegram allows nothing else. */
  readonly name: string;
  readonly role: Role;
  /** One line for the menu. */
  readonly about: string;
  readonly usage: string;
  readonly example: string;
  /** Whether it changes anything: then a message older than a minute is refused. */
  readonly changes: boolean;
  /** @throws {UsageError} and other typed errors, which are answered with their next step. */
  run(context: CommandContext, args: readonly string[], asking: Asking): Promise<OutboundMessage | undefined>;
}

/** What commands work with. */
export interface CommandContext {
  readonly view: SystemView;
  readonly proposals: Proposals;
  readonly people: People;
  readonly alerts: AlertDesk;
  readonly audit: Pick<AuditLog, "since">;
  /** Wallet and updates over time; absent where nobody watches. */
  readonly watch?: Watched;
  /** Commands that a role may use, for /help. */
  readonly commandsFor: (role: Role | undefined) => readonly Command[];
}
