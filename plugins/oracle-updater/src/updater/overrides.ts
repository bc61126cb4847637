/**
 * Settings that operators changed for a while: from what was asked to what is in force. Pure: chain time comes as an
 * argument. Each override is held to the rule of the variable it stands in for.
 */
import { type OverrideName, publicUrl, type RuntimeOverride } from "@jeju-oracle/kit";
import type { DecisionConfig, OracleConfig, TransactionConfig } from "../config.ts";
import { oracleEnv } from "../oracle-env.ts";

/** An override whose value is valid. */
export interface ParsedOverride {
  readonly name: OverrideName;
  /** As given. A URL in it is a secret. */
  readonly value: string;
  readonly change: OverrideChange;
  readonly untilChainTimeS: bigint;
  readonly by: string;
  readonly reason: string;
  /** Fit for a log: of a URL only scheme and host. */
  readonly shown: string;
}

interface OverrideChange {
  readonly feeCapWei?: bigint;
  readonly holdBandBps?: bigint;
  readonly extraBaseUrls?: readonly string[];
  readonly extraJejuUrls?: readonly string[];
}

export type ParseResult =
  | { readonly valid: true; readonly override: ParsedOverride }
  /** What was expected; never what was given. */
  | { readonly valid: false; readonly problem: string };

/** What the price loop works with: the configuration, changed by the overrides in force. */
export interface EffectiveSettings {
  readonly decision: DecisionConfig;
  readonly transaction: TransactionConfig;
  /** Endpoints behind the configured ones. */
  readonly extraBaseUrls: readonly string[];
  readonly extraJejuUrls: readonly string[];
}

/** Checks one override by the schema, and the relations, of its variable. */
export function parseOverride(override: RuntimeOverride, config: OracleConfig): ParseResult {
  const { name, value, untilChainTimeS, by, reason } = override;
  const parsed = parseChange(name, value.trim(), config);
  if ("problem" in parsed) return { valid: false, problem: parsed.problem };
  const urls = [...(parsed.extraBaseUrls ?? []), ...(parsed.extraJejuUrls ?? [])];
  const shown = urls.length > 0 ? urls.map(publicUrl).join(",") : value.trim();
  return { valid: true, override: { name, value, change: parsed, untilChainTimeS, by, reason, shown } };
}

/** Whether an override counts at a chain time. Before the chain was ever read all do: one may be what lets it be read. */
export function isInForce(override: ParsedOverride, chainTimeS: bigint | undefined): boolean {
  return chainTimeS === undefined || chainTimeS < override.untilChainTimeS;
}

/** The settings at a chain time in seconds. Of two overrides with one name the later one counts. */
export function effectiveSettings(
  config: OracleConfig,
  overrides: readonly ParsedOverride[],
  chainTimeS: bigint | undefined,
): EffectiveSettings {
  let changes: OverrideChange = {};
  for (const override of overrides) {
    if (isInForce(override, chainTimeS)) changes = { ...changes, ...override.change };
  }
  const { feeCapWei = config.transaction.feeCapWei, holdBandBps = config.decision.holdBandBps } = changes;
  return {
    decision: { ...config.decision, holdBandBps },
    transaction: { ...config.transaction, feeCapWei },
    extraBaseUrls: changes.extraBaseUrls ?? [],
    extraJejuUrls: changes.extraJejuUrls ?? [],
  };
}

function parseChange(
  name: OverrideName,
  value: string,
  config: OracleConfig,
): OverrideChange | { readonly problem: string } {
  switch (name) {
    case "max-gas-price-gwei": {
      const parsed = oracleEnv.MAX_GAS_PRICE_GWEI.schema.safeParse(value);
      return parsed.success ? { feeCapWei: parsed.data } : { problem: messageOf(parsed.error) };
    }
    case "max-price-deviation-pct": {
      const parsed = oracleEnv.MAX_PRICE_DEVIATION_PCT.schema.safeParse(value);
      if (!parsed.success) return { problem: messageOf(parsed.error) };
      const holdBandBps = parsed.data * 100n;
      return holdBandBps >= config.decision.deviationThresholdBps
        ? { holdBandBps }
        : { problem: "must not be smaller than DEVIATION_THRESHOLD_BPS" };
    }
    case "extra-base-rpc": {
      const parsed = oracleEnv.BASE_RPC_URLS.schema.safeParse(value);
      return parsed.success ? { extraBaseUrls: parsed.data } : { problem: messageOf(parsed.error) };
    }
    case "extra-jeju-rpc": {
      const parsed = oracleEnv.JEJU_RPC_URLS.schema.safeParse(value);
      return parsed.success ? { extraJejuUrls: parsed.data } : { problem: messageOf(parsed.error) };
    }
    default:
      name satisfies never;
      return { problem: "is no override that this version knows" };
  }
}

function messageOf(error: { readonly issues: readonly { readonly message: string }[] }): string {
  return error.issues.map(({ message }) => message).join("; ");
}
