/** Every command, in the order of the menu. */
import { CONTROL_ACTIONS } from "../actions/index.ts";
import { ask } from "../model/ask.ts";
import { ack, unack } from "./alerts/acknowledge.ts";
import { alerts } from "./alerts/alerts.ts";
import { silence, unsilence } from "./alerts/silence.ts";
import { audit } from "./audit.ts";
import type { Command } from "./command.ts";
import { help } from "./help.ts";
import { pending } from "./pending.ts";
import { proposeCommand } from "./propose-command.ts";
import { digest } from "./read/digest.ts";
import { fleet, leader } from "./read/fleet.ts";
import { oncall, whoami } from "./read/people.ts";
import { prices } from "./read/prices.ts";
import { status } from "./read/status.ts";
import { runbook } from "./runbook.ts";

export const COMMANDS: readonly Command[] = [
  status,
  prices,
  fleet,
  leader,
  alerts,
  pending,
  audit,
  digest,
  runbook,
  oncall,
  whoami,
  ask,
  help,
  ack,
  unack,
  silence,
  unsilence,
  ...CONTROL_ACTIONS.map(proposeCommand),
];
