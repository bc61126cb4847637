/** Every command of `oracle-agent`: what the help says, and where its code is. Code is imported on demand, so that each starts lean. */
import type { ArgumentSpec, Command, CommandInput, OptionSpec } from "../command-line/command.ts";
import type { OperatorCommand } from "./support/operator-session.ts";
import type { FleetCommand } from "./support/session.ts";

const JSON_OPTION: OptionSpec = { about: "One JSON object on stdout, for scripts." };
const BOT: ArgumentSpec = { name: "BOT", about: "Member of the fleet, as list shows it.", required: true };

/** What every command has that changes something. */
const ASKING = {
  reason: { value: "TEXT", about: "Why, for the log, the history and the audit.", required: true },
  by: { value: "NAME", about: "Who asks. Default: the user behind sudo, at this host." },
  yes: { about: "Do not ask; needed where there is no terminal." },
  json: JSON_OPTION,
} as const satisfies Record<string, OptionSpec>;

const FOR: OptionSpec = {
  value: "DURATION",
  about: "10s to 24h, such as 90s, 30m or 1h30m; counted by Jeju's time, which is read from JEJU_RPC_URLS.",
};

const EXITS =
  "Exit code: 0 done, 1 refused or failed, 64 wrong command line, 69 the store does not answer, 75 asked but not " +
  "confirmed in time, 78 wrong variables.";

function ofFleet(load: () => Promise<FleetCommand>): Command["run"] {
  return async (input: CommandInput) => {
    const [{ runFleetCommand }, command] = await Promise.all([
      import("./support/run-fleet-command.ts"),
      load(),
    ]);
    return runFleetCommand(input, command);
  };
}

/** Of a command that goes on without the store, and with no agent alive. */
function ofOperator(load: () => Promise<OperatorCommand>): Command["run"] {
  return async (input: CommandInput) => {
    const [{ runOperatorCommand }, command] = await Promise.all([
      import("./support/run-fleet-command.ts"),
      load(),
    ]);
    return runOperatorCommand(input, command);
  };
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    about: "Run one agent from the environment until a signal ends it.",
    run: async () => (await import("./run.ts")).run({ ...process.env }),
  },
  "check-config": {
    about: "Show every variable, what is wrong with it, and what the chains say. Sends nothing.",
    options: { json: JSON_OPTION },
    run: async (input) =>
      (await import("./check-config.ts")).checkConfig({ ...process.env }, { json: input.has("json") }),
  },
  localnet: {
    about: "Run local chains with contracts and moving prices, for development.",
    run: async () => (await import("./localnet.ts")).localnet([]),
  },
  chat: {
    about: "Speak with the agent of this host as in a chat: commands, alerts, and cards to confirm.",
    options: {
      socket: { value: "PATH", about: "The agent's socket. Default: chat.sock in STATE_DIR." },
      json: { about: "The protocol's lines as they come, one JSON object each." },
    },
    notes: [
      "On a terminal: /help lists the commands, a number presses that button of the latest card, 1#3 presses button 1 of " +
        "card 3, Ctrl-D ends. On a pipe: each line is answered before the next one is sent.",
      "The agent takes whoever may open its socket for CONSOLE_OPERATOR.",
      "Exit code: 0 answered, 64 wrong command line, 69 no agent listens or it went away, 75 no answer in time.",
    ],
    example: "chat",
    run: async (input) => (await import("./chat.ts")).chat(input, { ...process.env }),
  },
  list: {
    about: "Show the fleet: members, leader, pause, overrides, pending failover.",
    options: {
      "require-leader": { about: "Exit with 1 when nobody leads." },
      json: JSON_OPTION,
    },
    notes: [
      "Reads the store, so it works with no agent alive and from any host. Exit code 0 whenever the store was read, like " +
        "patronictl list: a fleet between two leaders is no failure of this command. --require-leader is for scripts " +
        "that need one.",
      "Ages come from each writer's own clock. A leader that seems silent is watched for some seconds first.",
    ],
    example: "list",
    run: ofFleet(async () => (await import("./list.ts")).list),
  },
  history: {
    about: "Show who led when, and why the lead changed.",
    options: {
      limit: { value: "N", about: "Show the newest N terms, oldest first. Default 20, at most 200." },
      json: JSON_OPTION,
    },
    example: "history --limit 5",
    run: ofFleet(async () => (await import("./history.ts")).history),
  },
  failover: {
    about: "Ask the leader to hand over in order, and wait until another member leads.",
    options: { to: { value: "BOT", about: "Who shall lead. Default: the best other member." }, ...ASKING },
    notes: [
      "The leader refuses when no other member is alive and fit to lead, and says why. One that does not answer at all " +
        "is a case for force-leader.",
      EXITS,
    ],
    example: 'failover --to bot-2 --reason "kernel update"',
    run: ofFleet(async () => (await import("./failover.ts")).failover),
  },
  "force-leader": {
    about: "Revoke the lease and name the next leader, without asking the present one.",
    arguments: [BOT],
    options: ASKING,
    notes: [
      "There is still one leader: the named one starts when the old one let go, or when its lease has run out (20 s with " +
        "the default times). What the old one sent before may still land; the fence on chain covers that.",
      EXITS,
    ],
    example: 'force-leader bot-2 --reason "bot-1 hangs"',
    run: ofFleet(async () => (await import("./force-leader.ts")).forceLeader),
  },
  pause: {
    about: "Stop the updates of the whole fleet, and wait until the leader has nothing in flight.",
    options: { for: FOR, ...ASKING },
    notes: ["Without --for it lasts until somebody resumes. It outlives restarts and failovers.", EXITS],
    example: 'pause --for 30m --reason "oracle upgrade"',
    run: ofFleet(async () => (await import("./pause.ts")).pause),
  },
  resume: {
    about: "End a pause, or a hold after a foreign update, of the whole fleet.",
    options: ASKING,
    notes: ["The price on chain is accepted as it is.", EXITS],
    example: 'resume --reason "upgrade done"',
    run: ofFleet(async () => (await import("./resume.ts")).resume),
  },
  restart: {
    about: "End one agent's process in order and wait until its supervisor has started it again.",
    arguments: [BOT],
    options: ASKING,
    notes: ["A leader lets its lease go first.", EXITS],
    example: 'restart bot-2 --reason "new certificate"',
    run: ofFleet(async () => (await import("./restart.ts")).restart),
  },
  set: {
    about: "Change one setting of every agent for a while.",
    arguments: [
      {
        name: "NAME",
        about: "max-gas-price-gwei, max-price-deviation-pct, extra-base-rpc or extra-jeju-rpc.",
        required: true,
      },
      {
        name: "VALUE",
        about: "As in the variable that it stands in for; one URL for an extra-*-rpc.",
        required: false,
      },
    ],
    options: {
      for: FOR,
      clear: { about: "End the override instead." },
      ...ASKING,
      reason: { ...ASKING.reason, about: `${ASKING.reason.about} Not needed with --clear.`, required: false },
    },
    notes: ["An override always ends: --for is required.", EXITS],
    example: 'set max-gas-price-gwei 200 --for 2h --reason "gas spike"',
    run: ofFleet(async () => (await import("./set.ts")).set),
  },
  runbook: {
    about: "List the runbooks, or run the checks of one and show what can be done. Changes nothing.",
    arguments: [{ name: "NAME", about: "Of the runbook, as the list shows it.", required: false }],
    options: {
      verify: { about: "Only look whether it is over; exit with 1 when it is not." },
      json: JSON_OPTION,
    },
    notes: [
      "Reads store and chain, so it works with no agent alive. What cannot be told from here is marked so, and counts as not " +
        "well for --verify.",
    ],
    example: "runbook price-stale",
    run: ofOperator(async () => (await import("./runbook.ts")).runbook),
  },
  "emergency-price": {
    about: "Set both prices as the oracle's owner while no agent can: pause, send or hand out, verify.",
    arguments: [
      { name: "ETH", about: "Dollars per ETH, such as 3245.67.", required: true },
      { name: "ELIZAOS", about: "Dollars per elizaOS, such as 0.0842.", required: true },
    ],
    options: {
      "despite-in-flight": { about: "Go on although an update of an agent may still land around it." },
      wait: {
        value: "DURATION",
        about: "Without the owner's key: how long to wait for the price. Default 10m on a terminal, else 0s.",
      },
      "safe-file": {
        value: "FILE",
        about:
          "Without the owner's key: where the file for the Safe goes. Default: emergency-price-TIME.safe.json.",
      },
      ...ASKING,
    },
    notes: [
      "Shows every price source that still answers and how far each price is from it. A price out of the oracle's bounds, or " +
        "with its point moved, is refused before anything is done.",
      "Needs JEJU_RPC_URLS, BASE_RPC_URLS and ORACLE_ADDRESS; sends with OWNER_PRIVATE_KEY (or its _FILE), without it hands " +
        "out calldata, a cast line and a file for the Safe. Works with no agent alive; without the store nothing is paused. What was " +
        "done is written to audit-command-line.jsonl in STATE_DIR first; where that cannot be written nothing is done.",
      "Afterwards the fleet stays paused until resume.",
      "Exit code: 0 the price stands on chain, 1 refused or failed, 64 wrong command line, 75 not sent because something may " +
        "be in flight, or handed out and not on chain yet, 78 wrong variables.",
    ],
    example: 'emergency-price 3245.67 0.0842 --reason "all bots down"',
    run: ofOperator(async () => (await import("./emergency-price.ts")).emergencyPriceCommand),
  },
  drill: {
    about: "Guide a drill of the runbooks: wait for what it shows, measure it, verify, write it down.",
    arguments: [
      {
        name: "NAME",
        about: "crash, partition or maintenance. Without it: when each was last done.",
        required: false,
      },
    ],
    options: {
      within: { value: "DURATION", about: "How long to wait for each thing that shall show. Default 15m." },
      by: ASKING.by,
      yes: ASKING.yes,
      json: JSON_OPTION,
    },
    notes: [
      "Crashing and cutting off an agent is a person's work: the commands are shown, and the drill sees the effect in the store. " +
        "With --yes nobody is asked: what only a person can tell is left out, and a handover of planned maintenance is done.",
      "Writes to drills.jsonl in STATE_DIR and to the fleet's store, so that the reminder knows. Exit code: 0 passed, 1 not " +
        "begun or not passed, 64 wrong command line, 69 the store does not answer.",
    ],
    example: "drill maintenance",
    run: ofFleet(async () => (await import("./drill.ts")).drill),
  },
  incident: {
    about: "Write what happened in a period as Markdown: alerts, actions, leaders, prices.",
    options: {
      since: { value: "TIME", about: "How long ago, like 2h, or 2026-03-01T09:30Z.", required: true },
      until: { value: "TIME", about: "The same. Default: now." },
      out: { value: "FILE", about: "Write the page there instead of to the terminal." },
      json: JSON_OPTION,
    },
    notes: [
      "Sources are the store, the chain, and the audits and ledgers in STATE_DIR: run it on each agent's host as the agents' " +
        "user for all of them. A source that cannot be read, and an audit whose chain is broken, is named on the page.",
    ],
    example: "incident --since 2h --out incident.md",
    run: ofOperator(async () => (await import("./incident.ts")).incident),
  },
};
