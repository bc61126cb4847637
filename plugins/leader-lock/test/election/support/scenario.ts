/**
 * Runs a transcript: blocks of commands, `----`, and what happened. A reader reviews behaviour, and a change of behaviour is a
 * change of a transcript. Requests and replies take 5 ms, clocks are exact, polls are not spread.
 *
 *     fleet a b c [local] [one-host]    advance 5s        show
 *     start|kill|pause|resume|stop a    resign a [b]      rm a
 *     store up|refuses|silent|mute|stalls|wiped|garbled   revoke for b
 *     cut a requests|replies|both       heal a            wall-clock a +1h
 *     claim-delay b 500ms
 */
import { DriftingClock } from "../../simulation/drifting-clock.ts";
import { revoke } from "../../simulation/faults.ts";
import type { Outage } from "../../simulation/lease-store.ts";
import { realMachine } from "../../simulation/machine.ts";
import type { Cut } from "../../simulation/network.ts";
import { SimulatedAgent } from "../../simulation/simulated-agent.ts";
import { World } from "../../simulation/world.ts";
import { GRACE_MS, MARGIN_MS, POLL_MS, RENEW_MS, RETRY_MS, TTL_MS } from "./machine.ts";

const RULE = "----";
const OP_TIMEOUT_MS = 3_000;
/** Every few seconds, and always the same. */
const NOT_SHOWN = /^renew arrives: is version/;
/** As the durations of the commands are written. */
const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** The transcript with the output that its commands give now. @throws for a command that is not understood. */
export function rerun(transcript: string): string {
  const scenario = new Scenario();
  const blocks = transcript.trim().split(/\n\n+/);
  const rerunBlocks = blocks.map((block) => {
    if (block.startsWith("#")) return block;
    const [commands = ""] = block.split(`\n${RULE}`);
    return [commands, RULE, ...scenario.run(commands.split("\n"))].join("\n");
  });
  return `${rerunBlocks.join("\n\n")}\n`;
}

class Scenario {
  readonly #world: World;
  #output: string[] = [];

  constructor() {
    this.#world = new World({
      seed: 1,
      machine: realMachine,
      jitter: () => 0.5,
      trace: (_, who, text) => {
        if (!NOT_SHOWN.test(text)) this.#say(who, text);
      },
    });
  }

  run(commands: readonly string[]): string[] {
    this.#output = [];
    for (const command of commands) this.#command(command);
    return this.#output;
  }

  #say(who: string, text: string): void {
    this.#output.push(`${seconds(this.#world.nowMs).padStart(8)}  ${who.padEnd(8)}  ${text}`);
  }

  #command(command: string): void {
    const world = this.#world;
    const [verb, ...words] = command.split(" ");
    const [first = "", second = ""] = words;
    switch (verb) {
      case "fleet":
        this.#fleet(words);
        break;
      case "advance":
        world.runUntil(world.nowMs + duration(first));
        break;
      case "show":
        this.#show();
        break;
      case "start":
      case "kill":
      case "pause":
      case "resume":
        this.#agent(first)[verb]();
        break;
      case "stop":
        this.#agent(first).stop(`${first} shut down`);
        break;
      case "resign":
        this.#agent(first).resign(`${first} is in trouble`, TTL_MS, second === "" ? undefined : second);
        break;
      case "rm":
        this.#agent(first).resign("the lock file was removed", TTL_MS);
        break;
      case "store":
        this.#store(first);
        break;
      case "revoke":
        revoke(world, second, 0);
        world.runUntil(world.nowMs);
        break;
      case "cut":
        this.#agent(first).cut = second as Cut;
        break;
      case "heal":
        this.#agent(first).cut = undefined;
        break;
      case "wall-clock":
        this.#agent(first).clock.wallOffsetMs += duration(second);
        break;
      case "claim-delay":
        this.#agent(first).setStanding({ eligible: true, claimDelayMs: duration(second) });
        break;
      default:
        throw new Error(`not understood: ${command}`);
    }
  }

  /** Starts them in this order, a millisecond apart. */
  #fleet(words: readonly string[]): void {
    const world = this.#world;
    const claimEmptyAtOnce = words.includes("local");
    const onOneHost = words.includes("one-host");
    for (const name of words.filter((word) => word !== "local" && word !== "one-host")) {
      const agent = new SimulatedAgent(world, {
        name,
        botId: name,
        host: onOneHost ? "h" : `host-${name}`,
        clock: new DriftingClock(0, 0, 1, 0),
        opTimeoutMs: OP_TIMEOUT_MS,
        config: {
          lockPlace: undefined,
          ttlMs: TTL_MS,
          renewMs: RENEW_MS,
          marginMs: MARGIN_MS,
          pollMs: POLL_MS,
          retryMs: RETRY_MS,
          nomineeGraceMs: GRACE_MS,
          claimEmptyAtOnce,
        },
      });
      world.agents.push(agent);
      agent.start();
      world.runUntil(world.nowMs + 1);
    }
  }

  #store(what: string): void {
    const world = this.#world;
    if (what === "up") world.endOutage();
    else if (what === "wiped") world.store.wipe();
    else if (what === "garbled") world.store.put("not a lease");
    else world.store.outage = what as Outage;
  }

  #agent(name: string): SimulatedAgent {
    const agent = this.#world.agents.find((one) => one.name === name);
    if (agent === undefined) throw new Error(`no agent ${name}`);
    return agent;
  }

  #show(): void {
    for (const agent of this.#world.agents) this.#say(agent.name, describe(agent));
    this.#say("store", describeRecord(this.#world));
  }
}

function describe(agent: SimulatedAgent): string {
  if (!agent.running) return "does not run";
  const { state } = agent;
  const frozen = agent.paused ? "frozen, " : "";
  switch (state.role) {
    case "leader":
      return `${frozen}leader of term ${state.term} for ${seconds(Math.max(0, state.validUntilMs - agent.nowMs()))} s more`;
    case "follower":
      return `${frozen}follower`;
    case "cooldown":
      return `${frozen}sits out for ${seconds(Math.max(0, state.untilMs - agent.nowMs()))} s more`;
    case "acquiring":
      return `${frozen}claims term ${state.term}`;
    case "draining":
      return `${frozen}lets its lease go`;
    case "stopped":
      return "does not run";
    default:
      return state satisfies never;
  }
}

function describeRecord({ store, machine }: World): string {
  const record = store.read();
  if (record === null) return "is empty";
  const lease = machine.decodeLease(record.value);
  if (lease === undefined) return "has an unreadable record";
  const { term, holder, nominee, revoked, quarantined } = lease;
  const held = quarantined === true ? "quarantined" : holder === null ? "let go" : `held by ${holder.botId}`;
  return `term ${term}, ${revoked === true ? "revoked, " : ""}${held}${nominee === undefined ? "" : `, for ${nominee}`}`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function duration(text: string): number {
  const [, amount, unit] = /^([+-]?\d+)(ms|s|m|h)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new Error(`not a duration: ${text}`);
  return Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
