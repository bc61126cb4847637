/** Seed: Recovery Procedures, Oracle Contract Issue. */
import { oracleRunning, paymasterRunning, priceFresh } from "./checks.ts";
import { defineRunbook } from "./runbook.ts";
import { manual, pauseFleet, pausePaymaster, unpauseOracle, unpausePaymaster } from "./steps.ts";

export const oracleContractIssue = defineRunbook({
  id: "oracle-contract-issue",
  title: "Oracle contract issue",
  kind: "recovery",
  severity: "WARNING",
  responseTimeMin: undefined,
  seedSection: "Oracle Contract Issue",
  symptoms: ["Every update is refused by the contract", "The contract is paused, or has a bug"],
  steps: [
    oracleRunning,
    paymasterRunning,
    priceFresh,
    manual(
      "If it is paused, see who did it and why",
      "# Look at the contract's recent transactions on the block explorer.",
      "# A legitimate pause needs nothing: agents wait and say so. A bug may need a new contract.",
    ),
    unpauseOracle,
    manual(
      "Option B: deploy a new oracle, then set ORACLE_ADDRESS on every host",
      "forge script script/DeployOracle.s.sol --broadcast",
    ),
    pausePaymaster,
    pauseFleet,
    unpausePaymaster,
    manual(
      "Without this program",
      'cast send $ORACLE_ADDRESS "unpause()" --rpc-url $JEJU_RPC_URL --private-key $OWNER_PRIVATE_KEY',
      'cast send $PAYMASTER_ADDRESS "pause()" --rpc-url $JEJU_RPC_URL --private-key $OWNER_PRIVATE_KEY',
    ),
  ],
  verify: [oracleRunning, paymasterRunning, priceFresh],
});
