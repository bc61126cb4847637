/** Seed: Manual Failover, Procedure 3. */
import { oracleRunning, priceFresh, someoneAlive, sourcesAnswer } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { emergencyPrice, manual, pauseFleet, resumeFleet } from "./steps.ts";

export const emergencyPriceUpdate = defineRunbook({
  id: "emergency-price-update",
  title: "Emergency manual price update",
  kind: "procedure",
  severity: "CRITICAL",
  responseTimeMin: 5,
  seedSection: "Procedure 3: Emergency Manual Price Update",
  symptoms: ["All agents are down and the price is stale", "A real move is larger than the oracle accepts"],
  steps: [
    priceFresh,
    someoneAlive,
    sourcesAnswer,
    oracleRunning,
    pauseFleet,
    emergencyPrice,
    manual(
      "With no agent alive: the same from any host, in dollars",
      'npm run oracle-agent -- emergency-price 3245.67 0.0842 --reason "all bots down"',
      "# elizaOS: from CoinGecko or a DEX aggregator. The command converts to 8 decimals.",
      "# Without the owner's key it prints calldata, a cast line and a file for the Safe.",
    ),
    manual(
      "Without this program (8 decimals: $3,245.67 is 324567000000, $0.0842 is 8420000)",
      'cast send $ORACLE_ADDRESS "emergencyPriceUpdate(uint256,uint256)" 324567000000 8420000 --rpc-url $JEJU_RPC_URL --private-key $OWNER_PRIVATE_KEY',
      'cast call $ORACLE_ADDRESS "getPrices()(uint256,uint256,uint256,bool)" --rpc-url $JEJU_RPC_URL',
    ),
    manual(
      "Start the agents again",
      "ssh bot-1.example.com sudo systemctl start jeju-oracle",
      "ssh bot-2.example.com sudo systemctl start jeju-oracle",
    ),
    resumeFleet,
  ],
  verify: [priceFresh],
});
