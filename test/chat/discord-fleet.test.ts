/** Two real agents on real chains, and a team in Discord: asked, proposed, confirmed, verified, taken over. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decodeBase32, totpAt } from "../../plugins/alerts-chat/src/people/totp.ts";
import { visibleText } from "../../plugins/alerts-chat/test/channels/discord/visible-text.ts";
import {
  type DiscordInteraction,
  type DiscordMessage,
  DiscordServer,
  type DiscordUser,
  TEAM_CHANNEL_ID,
} from "../../plugins/alerts-chat/test/support/discord-server.ts";
import { tellMs, until } from "../fleet/support/fleet.ts";
import { ChatFleet, TTL_MS } from "./support/chat-fleet.ts";

const alice: DiscordUser = { id: "111111111111111111", name: "Alice" };
const bob: DiscordUser = { id: "222222222222222222", name: "Bob" };
const mallory: DiscordUser = { id: "666666666666666666", name: "Mallory" };
const TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const OPERATORS = `operators:
  - { id: alice, role: approver, discord: "${alice.id}", totp: ${TOTP_SECRET} }
  - { id: bob, role: approver, discord: "${bob.id}" }
oncall: [alice, bob]
`;
/** https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback */
const DEFERRED_ANSWER = 5;
const DEFERRED_UPDATE = 6;
/** After this time without an acknowledgement Discord shows "This interaction failed". */
const FAILED_AFTER_MS = 3_000;
const PRESS_AGAIN_MS = 500;
const TEST_MS = 90_000;

let discord: DiscordServer;
let team: ChatFleet;

beforeAll(async () => {
  discord = DiscordServer.start();
  team = await ChatFleet.start(OPERATORS, {
    DISCORD_BOT_TOKEN: discord.token,
    DISCORD_CHANNEL_ID: TEAM_CHANNEL_ID,
    DISCORD_API_ROOT: discord.apiRoot,
  });
  await until("the commands are registered", () => discord.commands.length > 0);
}, TEST_MS);

afterAll(async () => {
  await team[Symbol.asyncDispose]();
  await discord.close();
}, TEST_MS);

/** What `user` alone is shown from the command on, once it matches. */
async function ask(user: DiscordUser, name: string, args: string, answer: RegExp): Promise<RegExpExecArray> {
  const before = discord.privateTo(user).length;
  discord.command(user, name, args);
  return shown(user, before, answer);
}

async function shown(user: DiscordUser, before: number, text: RegExp): Promise<RegExpExecArray> {
  const found = () =>
    discord
      .privateTo(user)
      .slice(before)
      .map((message) => text.exec(visible(message)));
  await until(`${user.name} is shown ${text}`, () => {
    if (found().some((match) => match !== null)) return true;
    throw new Error(`what is shown: ${discord.privateTo(user).slice(before).map(visible).join(" --- ")}`);
  });
  return found().find((match) => match !== null)!;
}

/** Proposes, and returns the card that everybody sees, once the fleet knows that it is the card: then nothing is thought about. */
async function propose(user: DiscordUser, name: string, args: string): Promise<DiscordMessage> {
  const before = discord.messages.length;
  const command = discord.command(user, name, args);
  const card = () => discord.messages.slice(before).find(({ components }) => components.length > 0);
  await until(`a card for /${name}`, () => card() !== undefined && !command.isThinking);
  return card()!;
}

async function leader(): Promise<{ readonly botId: string; readonly term: number }> {
  const [, botId = "", term] = await ask(alice, "leader", "", /^(bot-\d) leads\nterm (\d+)/);
  return { botId, term: Number(term) };
}

const logins = () => discord.gateway.log.filter((what) => what === "identify").length;
const nextOf = (botId: string) => (botId === "bot-1" ? "bot-2" : "bot-1");
/** As people read it. */
const visible = ({ content }: DiscordMessage) => visibleText(content).text;
const textOf = (card: DiscordMessage) => visible(discord.state.messages.get(card.id) ?? card);

async function endsAs(card: DiscordMessage, text: string): Promise<void> {
  await until(`the card tells ${text}`, () => textOf(card).includes(text));
}

async function refused(press: DiscordInteraction, user: DiscordUser, before: number, text: RegExp) {
  await shown(user, before, text);
  expect(press.callback).toBe(DEFERRED_UPDATE);
}

describe("a team in Discord", () => {
  test(
    "sees that a command was heard before it is answered, by one of the agents, for its author alone",
    async () => {
      const heard = discord.requests.length;
      const asked = discord.command(alice, "status");
      await until("it is answered", () =>
        discord.privateTo(alice).some(({ content }) => /Healthy/.test(content)),
      );
      expect(asked).toMatchObject({ callback: DEFERRED_ANSWER, refusedCallbacks: 0, isThinking: false });
      const routes = discord.requests.slice(heard).map(({ route }) => route);
      expect(routes.slice(0, 2)).toEqual(["callback", "editOriginal"]);
      expect(discord.gateway.present).toBe(1);
      expect(discord.privateTo(alice)).toHaveLength(1);
      expect(discord.messages.filter(({ content }) => /Healthy/.test(content))).toEqual([]);
    },
    TEST_MS,
  );

  test(
    "proposes a failover, confirms it with one press, and sees it verified in the same card",
    async () => {
      const before = await leader();
      const card = await propose(alice, "failover", "-- drill");
      expect(visible(card)).toContain(`The lead goes from ${before.botId}`);
      discord.press(alice, card.id, "Confirm");
      await endsAs(card, "verified, confirmed by alice");
      expect(discord.state.messages.get(card.id)?.components).toEqual([]);
      expect(await leader()).toEqual({ botId: nextOf(before.botId), term: before.term + 1 });
    },
    TEST_MS,
  );

  test(
    "is told of the new leader once, and acts from that alert: its runbook, a step, the confirmation",
    async () => {
      const before = await leader();
      const isNews = (message: DiscordMessage) =>
        visible(message).includes(`${before.botId} leads (term ${before.term})`);
      await until("the change is told", () => discord.messages.some(isNews));
      expect(discord.messages.filter(isNews)).toHaveLength(1);
      const seen = discord.privateTo(alice).length;
      discord.press(alice, discord.messages.find(isNews)!.id, "Runbook: Graceful failover");
      await shown(alice, seen, /Another agent can take over/);
      const sent = discord.messages.length;
      discord.press(alice, discord.privateTo(alice).at(-1)!.id, "Failover");
      await until("a card", () =>
        discord.messages.slice(sent).some(({ components }) => components.length > 0),
      );
      const card = discord.messages.slice(sent).find(({ components }) => components.length > 0)!;
      // The fleet learns a moment later that this message is the card; a press before that is refused and may be repeated.
      const presses = setInterval(() => {
        if (textOf(card).includes("Confirm within")) discord.press(alice, card.id, "Confirm");
      }, PRESS_AGAIN_MS);
      try {
        await endsAs(card, "verified, confirmed by alice");
      } finally {
        clearInterval(presses);
      }
      expect(await leader()).toEqual({ botId: nextOf(before.botId), term: before.term + 1 });
    },
    TEST_MS,
  );

  test(
    "needs two people for what is critical; nobody else counts, and a press that Discord tells twice acts once",
    async () => {
      const before = await leader();
      const card = await propose(alice, "force_leader", `${nextOf(before.botId)} -- drill`);
      expect(visible(card)).toContain("Force leadership");
      for (const [person, refusal] of [
        [alice, /second person/],
        [mallory, /not in the operators file/],
      ] as const) {
        const seen = discord.privateTo(person).length;
        await refused(discord.press(person, card.id, "Confirm"), person, seen, refusal);
      }
      expect(await leader()).toEqual(before);
      const press = discord.press(bob, card.id, "Confirm");
      discord.gateway.repeatLast();
      await endsAs(card, "verified, confirmed by bob");
      expect(press.callback).toBe(DEFERRED_UPDATE);
      expect(await leader()).toEqual({ botId: nextOf(before.botId), term: before.term + 1 });
    },
    TEST_MS,
  );

  test(
    "lets one person break the glass: a form asks for a one-time password and a reason",
    async () => {
      const before = await leader();
      const card = await propose(alice, "force_leader", `${nextOf(before.botId)} -- drill`);
      const opener = discord.press(alice, card.id, "Break glass");
      await until("the form is shown", () => opener.form !== undefined);
      const seen = discord.privateTo(alice).length;
      const wrong = discord.submitModal(alice, opener, { totp: "000000", reason: "nobody else is awake" });
      await refused(wrong, alice, seen, /one-time password is wrong/);
      expect(await leader()).toEqual(before);

      const again = discord.press(alice, card.id, "Break glass");
      await until("the form is shown again", () => again.form !== undefined);
      const totp = totpAt(decodeBase32(TOTP_SECRET)!, Math.floor(Date.now() / 30_000));
      discord.submitModal(alice, again, { totp, reason: "nobody else is awake" });
      await endsAs(card, "verified, confirmed by alice (break-glass)");
      expect(await leader()).toEqual({ botId: nextOf(before.botId), term: before.term + 1 });
    },
    TEST_MS,
  );

  test(
    "goes on after the connection dropped: the session is resumed, and what is pressed then acts once",
    async () => {
      const { gateway } = discord;
      const resumes = () => gateway.log.filter((what) => what === "resume").length;
      const identified = logins();
      gateway.closeAll(4_000);
      await until("the session is resumed", () => resumes() === 1 && gateway.present === 1);
      const before = await leader();
      const card = await propose(bob, "failover", "-- drill");
      discord.press(bob, card.id, "Confirm");
      await endsAs(card, "verified, confirmed by bob");
      expect(await leader()).toEqual({ botId: nextOf(before.botId), term: before.term + 1 });
      expect(logins()).toBe(identified);
    },
    TEST_MS,
  );

  test(
    "sees a press fail while nobody listens, and repeats it when the other agent has taken over",
    async () => {
      const { answering, other } = team.roles;
      const { gateway } = discord;
      const identified = logins();
      const card = await propose(alice, "pause", "10m -- drill");
      await answering.signal("SIGKILL");
      const killedAtMs = performance.now();
      const inTheGap = discord.press(alice, card.id, "Confirm");
      await until("the other agent listens", () => logins() > identified && gateway.present === 1);
      tellMs(
        "Discord listened to again after kill -9 on one host",
        [performance.now() - killedAtMs],
        TTL_MS + 4_000,
      );
      expect(performance.now() - killedAtMs).toBeLessThan(TTL_MS + 4_000);
      await until("Discord gives up", () => Date.now() - inTheGap.createdAtMs > FAILED_AFTER_MS);
      expect(inTheGap.callback).toBeUndefined();
      expect(textOf(card)).toBe(visible(card));

      const repeated = discord.press(alice, card.id, "Confirm");
      await endsAs(card, "verified, confirmed by alice");
      expect(repeated).toMatchObject({ callback: DEFERRED_UPDATE, refusedCallbacks: 0 });
      expect(other.output).toContain("This agent answers the chats");
      expect(inTheGap).toMatchObject({ refusedCallbacks: 0 });
      expect(inTheGap.callback).toBeUndefined();
    },
    TEST_MS,
  );

  test("has run nothing twice, whoever pressed and whoever died", () => {
    const executed = team.audited("executing").map(({ proposalId }) => proposalId);
    expect(executed).toHaveLength(6);
    expect(new Set(executed).size).toBe(6);
    expect(
      team
        .audited("verified")
        .map(({ proposalId }) => proposalId)
        .toSorted(),
    ).toEqual(executed.toSorted());
    const claimed = [...discord.state.interactions.values()];
    expect(claimed.filter(({ refusedCallbacks }) => refusedCallbacks > 1)).toEqual([]);
  });
});
