import { describe, expect, test } from "bun:test";
import type { Action, IAgentRuntime, Memory } from "@elizaos/core";
import type { ConfirmationGate, OracleControl } from "@jeju-oracle/kit";
import {
  forceUpdateAction,
  parametersDigest,
  pauseAction,
  resumeAction,
} from "../src/actions/control-actions.ts";
import oracleUpdaterPlugin from "../src/index.ts";

const REASON = "drill";

/** A runtime of which actions see nothing but its services. */
function runtimeWith(services: Record<string, unknown>): IAgentRuntime {
  return { getService: (name: string) => services[name] ?? null } as unknown as IAgentRuntime;
}

function recordingControl(): { control: OracleControl; calls: string[] } {
  const calls: string[] = [];
  const control = {
    pause: ({ by, reason }: { by: string; reason: string }) => calls.push(`pause ${by} ${reason}`),
    resume: ({ by, reason }: { by: string; reason: string }) => calls.push(`resume ${by} ${reason}`),
    forceUpdate: async ({ by, reason }: { by: string; reason: string }) => {
      calls.push(`force ${by} ${reason}`);
      return { landed: true, detail: "landed in block 7", transactionHash: "0x1" };
    },
  } as unknown as OracleControl;
  return { control, calls };
}

async function invoke(action: Action, runtime: IAgentRuntime, parameters: Record<string, unknown>) {
  const answers: string[] = [];
  const result = await action.handler(runtime, {} as Memory, undefined, { parameters }, async (content) => {
    answers.push(content.text ?? "");
    return [];
  });
  return { result, answers };
}

const changing = [
  [pauseAction, "pause alice drill"],
  [resumeAction, "resume alice drill"],
  [forceUpdateAction, "force alice drill"],
] as const;

describe("G6: an action that changes something", () => {
  for (const [action, call] of changing) {
    test(`${action.name} does nothing while nobody can confirm`, async () => {
      const { control, calls } = recordingControl();
      const { result, answers } = await invoke(action, runtimeWith({ "oracle-updater": control }), {
        reason: REASON,
      });
      expect(result?.success).toBe(false);
      expect(answers).toEqual([`${action.name} needs a person's confirmation. Nothing was done.`]);
      expect(calls).toEqual([]);
    });

    test(`${action.name} runs once for a confirmation of exactly this action and these parameters`, async () => {
      const { control, calls } = recordingControl();
      const granted = new Set([`${action.name} ${parametersDigest({ reason: REASON })}`]);
      const confirmation: ConfirmationGate = {
        consume: (name, digest) => (granted.delete(`${name} ${digest}`) ? "alice" : undefined),
      };
      const runtime = runtimeWith({ "oracle-updater": control, confirmation });
      expect((await invoke(action, runtime, { reason: "another" })).result?.success).toBe(false);
      expect((await invoke(action, runtime, { reason: REASON })).result?.success).toBe(true);
      expect((await invoke(action, runtime, { reason: REASON })).result?.success).toBe(false);
      expect(calls).toEqual([call]);
    });

    test(`error: ${action.name} refuses a missing or overlong reason`, async () => {
      const { control, calls } = recordingControl();
      for (const parameters of [{}, { reason: "" }, { reason: "x".repeat(201) }, { reason: 7 }]) {
        const { answers } = await invoke(action, runtimeWith({ "oracle-updater": control }), parameters);
        expect(answers).toEqual([`${action.name} needs a reason of 1 to 200 characters. Nothing was done.`]);
      }
      expect(calls).toEqual([]);
    });
  }

  test("the plugin offers no other action that changes anything", () => {
    const names = oracleUpdaterPlugin.actions?.map(({ name }) => name);
    expect(names).toEqual(["ORACLE_STATUS", "ORACLE_PRICES", ...changing.map(([action]) => action.name)]);
  });
});
