/** What every agent does about the intents in a listing: pauses, approvals, overrides, its own restart. */
import {
  describeError,
  type FleetDirective,
  type HoldApproval,
  type Logger,
  type OracleControl,
  type RuntimeOverride,
  type StoreRecord,
} from "@jeju-oracle/kit";
import type { AgentIdentity } from "../election/lease-record.ts";
import { APPROVAL, DIRECTIVE, OVERRIDE_PREFIX, RESTART_PREFIX } from "../fleet/names.ts";
import {
  decodeApproval,
  decodeDirective,
  decodeOverride,
  decodeRestart,
  type RestartIntent,
} from "./intent-records.ts";

type Records = ReadonlyMap<string, StoreRecord>;
type Part = "directive" | "approval" | "overrides";

/** The pause or resume in force, the latest approval of a held price, and what was changed for a while. */
export interface Orders {
  readonly directive: FleetDirective | undefined;
  readonly approval: HoldApproval | undefined;
  readonly overrides: readonly RuntimeOverride[];
}

/** Reads the orders to all members. What cannot be read is no order. */
export function ordersIn(records: Records): Orders {
  const directive = records.get(DIRECTIVE);
  const decoded = directive === undefined ? undefined : decodeDirective(directive.value);
  const approval = records.get(APPROVAL);
  return {
    directive: decoded === undefined ? undefined : toDirective(decoded),
    approval: approval === undefined ? undefined : decodeApproval(approval.value),
    overrides: [...records.values()]
      .filter(({ name }) => name.startsWith(OVERRIDE_PREFIX))
      .flatMap(({ value }) => decodeOverride(value) ?? []),
  };
}

/** The restart that means exactly this process. */
export function restartOf(records: Records, self: AgentIdentity): RestartIntent | undefined {
  const record = records.get(`${RESTART_PREFIX}${self.botId}`);
  const intent = record === undefined ? undefined : decodeRestart(record.value);
  return intent?.incarnation === self.incarnation ? intent : undefined;
}

/** Hands orders to the price loop, each version once. */
export class Obedience {
  readonly #oracle: () => OracleControl | undefined;
  readonly #logger: Logger;
  readonly #obeyed = new Map<Part, string>();
  readonly #failure = new Map<Part, string>();

  constructor(oracle: () => OracleControl | undefined, logger: Logger) {
    this.#oracle = oracle;
    this.#logger = logger;
  }

  /** Never throws: what the price loop cannot do yet, such as store a pause on a full disk, is tried again at the next call. */
  obey({ directive, approval, overrides }: Orders): void {
    const oracle = this.#oracle();
    if (oracle === undefined) return;
    if (directive !== undefined) {
      const { id, kind, by } = directive;
      if (this.#once("directive", id, () => oracle.obey(directive))) {
        this.#logger.info("An order of the fleet is obeyed", { order: kind, id, by });
      }
    }
    // The price loop tells in its log when it counts: an old one stands in the store at every start.
    if (approval !== undefined) this.#once("approval", approval.id, () => oracle.approveHeld(approval));
    const version = JSON.stringify(
      overrides.map(({ name, value, untilChainTimeS }) => [name, value, untilChainTimeS.toString()]),
    );
    // Without any there is nothing to end, except what an earlier call applied.
    if (overrides.length === 0 && !this.#obeyed.has("overrides")) return;
    if (this.#once("overrides", version, () => oracle.applyOverrides(overrides))) {
      const names = overrides.map(({ name }) => name).join(", ");
      this.#logger.info("The overrides of the fleet are obeyed", { overrides: names });
    }
  }

  /** @returns whether this version was obeyed just now. */
  #once(part: Part, version: string, obey: () => void): boolean {
    if (this.#obeyed.get(part) === version) return false;
    try {
      obey();
    } catch (error) {
      const failure = describeError(error);
      if (this.#failure.get(part) !== failure) {
        this.#logger.error("An order of the fleet could not be obeyed yet", { part, error: failure });
      }
      this.#failure.set(part, failure);
      return false;
    }
    this.#failure.delete(part);
    this.#obeyed.set(part, version);
    return true;
  }
}

function toDirective({ id, kind, by, reason, untilChainTimeS }: FleetDirectiveRecord): FleetDirective {
  return { id, kind, by, reason, ...(untilChainTimeS === undefined ? {} : { untilChainTimeS }) };
}

type FleetDirectiveRecord = NonNullable<ReturnType<typeof decodeDirective>>;
