/** What every agent does about the intents in a listing: pauses, overrides, its own restart. */
import type { FleetDirective, Logger, OracleControl, RuntimeOverride, StoreRecord } from "@jeju-oracle/kit";
import type { AgentIdentity } from "../election/lease-record.ts";
import { DIRECTIVE, OVERRIDE_PREFIX, RESTART_PREFIX } from "../fleet/names.ts";
import { decodeDirective, decodeOverride, decodeRestart, type RestartIntent } from "./intent-records.ts";

type Records = ReadonlyMap<string, StoreRecord>;

/** The pause or resume in force, and what was changed for a while. */
export interface Orders {
  readonly directive: FleetDirective | undefined;
  readonly overrides: readonly RuntimeOverride[];
}

/** Reads the orders to all members. What cannot be read is no order. */
export function ordersIn(records: Records): Orders {
  const directive = records.get(DIRECTIVE);
  const decoded = directive === undefined ? undefined : decodeDirective(directive.value);
  return {
    directive: decoded === undefined ? undefined : toDirective(decoded),
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
  #obeyed = "";

  constructor(oracle: () => OracleControl | undefined, logger: Logger) {
    this.#oracle = oracle;
    this.#logger = logger;
  }

  /** @throws what the price loop throws when it cannot store a pause; the next listing brings it again. */
  obey(orders: Orders): void {
    const oracle = this.#oracle();
    if (oracle === undefined) return;
    const { directive, overrides } = orders;
    const version = JSON.stringify([
      directive?.id,
      overrides.map(({ name, value, untilChainTimeS }) => [name, value, untilChainTimeS.toString()]),
    ]);
    if (version === this.#obeyed) return;
    if (directive !== undefined) oracle.obey(directive);
    oracle.applyOverrides(overrides);
    this.#obeyed = version;
    if (directive === undefined && overrides.length === 0) return;
    this.#logger.info("Orders of the fleet are obeyed", {
      directive: directive?.kind,
      directiveId: directive?.id,
      overrides: overrides.map(({ name }) => name).join(", "),
    });
  }
}

function toDirective({ id, kind, by, reason, untilChainTimeS }: FleetDirectiveRecord): FleetDirective {
  return { id, kind, by, reason, ...(untilChainTimeS === undefined ? {} : { untilChainTimeS }) };
}

type FleetDirectiveRecord = NonNullable<ReturnType<typeof decodeDirective>>;
