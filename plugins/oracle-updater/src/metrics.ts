/** Metrics of the price loop. Names and units of the first block are those of the dashboards in use: do not rename. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const RPC_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 6];
const LANDING_BUCKETS_S = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 10, 20, 40];
const REQUEST_BUCKETS = [1, 2, 3, 4, 5, 6, 8, 12, 20];

export type OracleMetrics = ReturnType<typeof createOracleMetrics>;

/** Registers every metric of this plugin. */
export function createOracleMetrics(registry: Registry) {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
  return {
    lastUpdateTimestamp: gauge(
      "oracle_last_update_timestamp",
      "Time of the update on chain, seconds since the epoch.",
    ),
    consecutiveFailures: gauge("oracle_consecutive_failures", "Due updates in a row that did not land."),
    totalUpdates: counter("oracle_total_updates", "Updates of this process that landed."),
    updateFailures: counter("oracle_update_failures_total", "Due updates that did not land, by cause.", [
      "code",
    ]),
    ethUsdPrice: gauge("oracle_eth_usd_price", "ETH/USD on chain, 8 decimals."),
    elizaUsdPrice: gauge("oracle_eliza_usd_price", "elizaOS/USD on chain, 8 decimals."),
    walletBalanceEth: gauge("oracle_wallet_balance_eth", "Balance of the updater's wallet on Jeju in ETH."),
    gasPriceGwei: gauge("oracle_gas_price_gwei", "Gas price that Jeju suggests, in gwei."),
    rpcDuration: new Histogram({
      name: "oracle_rpc_duration_seconds",
      help: "Duration of HTTP requests to RPC endpoints.",
      labelNames: ["chain"],
      buckets: RPC_BUCKETS_S,
      registers: [registry],
    }),
    rpcFailover: counter("oracle_rpc_failover_total", "Changes of the serving endpoint after a failure.", [
      "chain",
    ]),

    pushes: counter("oracle_pushes_total", "Updates that landed, by reason.", ["reason"]),
    fallbackPushes: counter(
      "oracle_fallback_pushes_total",
      "Updates that landed while nobody could lead because the coordination store was out of reach.",
    ),
    skips: counter("oracle_skips_total", "Looks that did not push, by reason.", ["reason"]),
    rejections: counter("oracle_source_rejections_total", "Readings that were not used, by cause.", ["code"]),
    wouldPush: counter("oracle_would_push_total", "Due pushes that a permission withheld, by reason.", [
      "reason",
    ]),
    lostRaces: counter("oracle_lost_races_total", "Updates given up because another one landed first."),
    cancellations: counter("oracle_cancellations_total", "Stuck transactions whose nonce was used up."),
    foreignUpdates: counter("oracle_foreign_updates_total", "Updates on chain that the fleet did not send."),
    sourceEthUsd: gauge("oracle_source_eth_usd_price", "ETH/USD of the newest accepted quote, 8 decimals."),
    sourceElizaUsd: gauge(
      "oracle_source_eliza_usd_price",
      "elizaOS/USD of the newest accepted quote, 8 decimals.",
    ),
    sourceAge: gauge("oracle_source_age_seconds", "Age of the feed's answer against its own block."),
    spotTwapSpread: gauge(
      "oracle_spot_twap_spread_bps",
      "Distance of the pool's spot price from its average.",
    ),
    poolDepth: gauge("oracle_pool_depth_weth", "WETH that the pool holds in range (virtual reserve)."),
    priceAge: gauge("oracle_price_age_seconds", "Age of the price on chain by the median of three clocks."),
    inFlightAge: gauge("oracle_in_flight_age_seconds", "Age of an unsettled transaction; 0 when none."),
    held: gauge("oracle_held", "1 while a move beyond the band is held."),
    paused: gauge("oracle_paused", "1 while updates are paused."),
    landing: new Histogram({
      name: "oracle_decision_to_landing_seconds",
      help: "From the start of the deciding cycle to the receipt.",
      buckets: LANDING_BUCKETS_S,
      registers: [registry],
    }),
    requestsPerCycle: new Histogram({
      name: "oracle_requests_per_cycle",
      help: "HTTP requests of one cycle.",
      labelNames: ["chain"],
      buckets: REQUEST_BUCKETS,
      registers: [registry],
    }),
    cycleDuration: new Histogram({
      name: "oracle_cycle_duration_seconds",
      help: "Duration of one cycle.",
      buckets: LANDING_BUCKETS_S,
      registers: [registry],
    }),
  };
}
