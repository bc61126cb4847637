/** Collects what a digest tells. Each fact is asked for by itself: one that cannot be had leaves the others. */
import { decodeJson, describeError, type RuntimeOverride, withDeadline } from "@jeju-oracle/kit";
import { z } from "zod";
import type { SystemView } from "../../actions/system-view.ts";
import type { AlertDesk } from "../../alerts/alert-desk.ts";
import type { Proposals } from "../../confirm/proposer.ts";
import { DRILL_PREFIX, DRILLS, decodeDrillRecord } from "../../drills/drill-record.ts";
import type { Watched } from "../watch/watch.ts";
import type { DigestFacts, DrillHistory, OverrideInForce } from "./facts.ts";

export interface DigestSources {
  readonly view: SystemView;
  readonly alerts: Pick<AlertDesk, "list" | "silences">;
  readonly proposals: Pick<Proposals, "pending">;
  readonly watch?: Watched | undefined;
}

const FACT_DEADLINE_MS = 10_000;
/** Where the fleet keeps what `/set` changed. */
const OVERRIDE_PREFIX = "fleet/intent/override/";

const overrideSchema = z.object({
  name: z.string(),
  by: z.string(),
  untilChainTimeS: z
    .string()
    .regex(/^\d{1,20}$/)
    .transform(BigInt),
}) satisfies z.ZodType<Pick<RuntimeOverride, "by" | "untilChainTimeS">>;

/** Never rejects. */
export async function gatherFacts(sources: DigestSources): Promise<DigestFacts> {
  const { view, alerts, proposals, watch } = sources;
  const [allAlerts, silences, pending, overrides, drills] = await Promise.all([
    known(view, "alerts", () => alerts.list()),
    known(view, "silences", () => alerts.silences()),
    known(view, "proposals", () => proposals.pending()),
    known(view, "overrides", () => overridesInForce(view)),
    known(view, "drills", () => drillHistories(view)),
  ]);
  return {
    botId: view.botId,
    nowMs: view.clock.wallMs(),
    isShared: view.records !== undefined,
    snapshot: view.snapshot(),
    leadership: view.leadership(),
    members: view.members(),
    lastDay: watch?.lastDay(),
    runway: watch?.runway(),
    alerts: allAlerts,
    silences,
    proposals: pending,
    overrides,
    drills,
  };
}

/** One per kind of drill; undefined without a shared store. @throws {StoreUnavailableError} */
export async function drillHistories({ records }: SystemView): Promise<readonly DrillHistory[] | undefined> {
  if (records === undefined) return undefined;
  const runs = (await records.list(DRILL_PREFIX))
    .flatMap(({ value }) => decodeDrillRecord(value) ?? [])
    .sort((a, b) => a.atMs - b.atMs);
  return DRILLS.map((drill) => {
    const own = runs.filter((run) => run.drill === drill);
    return { drill, last: own.at(-1), lastPass: own.filter(({ passed }) => passed).at(-1) };
  });
}

async function overridesInForce(view: SystemView): Promise<readonly OverrideInForce[]> {
  if (view.records === undefined) return [];
  const nowMs = chainNowMs(view);
  return (await view.records.list(OVERRIDE_PREFIX)).flatMap(({ value }) => {
    const override = overrideIn(value);
    if (override === undefined) return [];
    const leftMs = Number(override.untilChainTimeS) * 1000 - nowMs;
    return leftMs <= 0 ? [] : [{ name: override.name, by: override.by, leftMs }];
  });
}

/** An override ends by the chain's time, which a local chain may count in its own way. */
function chainNowMs({ snapshot, clock }: SystemView): number {
  const seen = snapshot();
  return seen?.priceAgeS === undefined || seen.lastUpdateMs === 0
    ? clock.wallMs()
    : seen.lastUpdateMs + Number(seen.priceAgeS) * 1000;
}

function overrideIn(value: string): z.output<typeof overrideSchema> | undefined {
  return decodeJson(overrideSchema, value);
}

async function known<T>(
  { clock, logger }: SystemView,
  what: string,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await withDeadline(clock, what, FACT_DEADLINE_MS, ask);
  } catch (error) {
    logger.warn("A digest is told without one of its facts", { what, error: describeError(error) });
    return undefined;
  }
}
