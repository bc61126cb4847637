/** Seed: Recovery Procedures, Network Partition. */
import { everyoneFit, priceFresh, standbyReady, storeAnswers } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { addBaseRpc, addJejuRpc, failOver, manual } from "./steps.ts";

export const networkPartition = defineRunbook({
  id: "network-partition",
  title: "Network partition",
  kind: "recovery",
  severity: "WARNING",
  responseTimeMin: undefined,
  seedSection: "Network Partition",
  symptoms: ["An agent cannot reach the oracle's chain", "RPC failover in the log, /health answers 503"],
  steps: [
    everyoneFit,
    storeAnswers,
    standbyReady,
    manual(
      "The network of the host",
      "ssh bot-1.example.com ping -c 5 rpc.jeju.network",
      "ssh bot-1.example.com curl https://rpc.jeju.network",
    ),
    manual(
      "The endpoint itself",
      `curl -X POST https://rpc.jeju.network -H "Content-Type: application/json" -d '{"jsonrpc":"2.0","method":"eth_blockNumber","params":[],"id":1}'`,
    ),
    addJejuRpc,
    addBaseRpc,
    manual(
      "To keep the endpoint, add it to JEJU_RPC_URLS on every host",
      "ssh bot-1.example.com sudo vim /opt/jeju-oracle/.env",
      "ssh bot-1.example.com sudo systemctl restart jeju-oracle",
    ),
    failOver,
  ],
  verify: [everyoneFit, priceFresh],
});
