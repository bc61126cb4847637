/** Every action that a person can confirm, by its id. */
import { approvePrice } from "./approve-price.ts";
import type { ControlAction } from "./control-action.ts";
import { emergencyPrice } from "./emergency-price.ts";
import { failover } from "./failover.ts";
import { forceLeader } from "./force-leader.ts";
import { pausePaymaster, unpauseOracle, unpausePaymaster } from "./owner-actions.ts";
import { pause, resume } from "./pause.ts";
import { restart } from "./restart.ts";
import { setOverride } from "./set-override.ts";

export const CONTROL_ACTIONS: readonly ControlAction[] = [
  pause,
  resume,
  restart,
  failover,
  approvePrice,
  setOverride,
  forceLeader,
  emergencyPrice,
  pausePaymaster,
  unpausePaymaster,
  unpauseOracle,
];
