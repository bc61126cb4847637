/**
 * The overrides of this agent: begins and ends each by chain time and tells the log and the endpoint pools. Never throws
 * for what it is given: a bad override is logged and ignored.
 */
import { type Logger, type RuntimeOverride, registerUrlSecrets } from "@jeju-oracle/kit";
import type { OracleConfig } from "../config.ts";
import {
  type EffectiveSettings,
  effectiveSettings,
  isInForce,
  type ParsedOverride,
  parseOverride,
} from "./overrides.ts";

export interface OverrideBookOptions {
  readonly config: OracleConfig;
  readonly logger: Logger;
  /** Called when the extra endpoints may have changed. */
  readonly setExtraUrls: (base: readonly string[], jeju: readonly string[]) => void;
}

export class OverrideBook {
  readonly #options: OverrideBookOptions;
  #overrides: readonly ParsedOverride[] = [];
  #inForce: readonly ParsedOverride[] = [];
  #ignored: ReadonlySet<string> = new Set();
  #chainTimeS: bigint | undefined;
  #settings: EffectiveSettings;

  constructor(options: OverrideBookOptions) {
    this.#options = options;
    this.#settings = effectiveSettings(options.config, [], undefined);
  }

  /** Replaces all overrides. @returns whether that changed what is in force. */
  apply(overrides: readonly RuntimeOverride[]): boolean {
    const { config, logger } = this.#options;
    const parsed = new Map<string, ParsedOverride>();
    const ignored = new Set<string>();
    for (const override of overrides) {
      hideUrls(override.value);
      const result = parseOverride(override, config);
      if (result.valid) parsed.set(override.name, result.override);
      else {
        const key = `${override.name}: ${override.value}`;
        ignored.add(key);
        if (this.#ignored.has(key)) continue;
        logger.warn("Override ignored", { name: override.name, problem: result.problem, by: override.by });
      }
    }
    this.#ignored = ignored;
    this.#overrides = [...parsed.values()];
    return this.#settle();
  }

  /** The settings at a chain time in seconds. */
  at(chainTimeS: bigint): EffectiveSettings {
    this.#chainTimeS = chainTimeS;
    this.#settle();
    return this.#settings;
  }

  /** The settings as of the chain time that was last heard of. */
  get settings(): EffectiveSettings {
    return this.#settings;
  }

  /** @returns whether anything began or ended. */
  #settle(): boolean {
    const { config, logger, setExtraUrls } = this.#options;
    const before = this.#inForce;
    const now = this.#overrides.filter((override) => isInForce(override, this.#chainTimeS));
    const ended = before.filter((override) => !now.some((other) => isSame(other, override)));
    const begun = now.filter((override) => !before.some((other) => isSame(other, override)));
    if (ended.length === 0 && begun.length === 0) return false;
    this.#inForce = now;
    this.#settings = effectiveSettings(config, now, this.#chainTimeS);
    for (const { name, shown } of ended) logger.warn("Override ended", { name, value: shown });
    for (const { name, shown, untilChainTimeS, by, reason } of begun) {
      logger.warn("Override in force", { name, value: shown, untilChainTimeS, by, reason });
    }
    setExtraUrls(this.#settings.extraBaseUrls, this.#settings.extraJejuUrls);
    return true;
  }
}

function isSame(a: ParsedOverride, b: ParsedOverride): boolean {
  return a.name === b.name && a.value === b.value && a.untilChainTimeS === b.untilChainTimeS;
}

/** Before anything is said about it: a value that is no valid list may hold the key of a provider all the same. */
function hideUrls(value: string): void {
  for (const part of value.split(",").map((text) => text.trim()))
    if (URL.canParse(part)) registerUrlSecrets(part);
}
