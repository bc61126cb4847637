import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TEAM_CHAT_ID, TelegramServer } from "./telegram-server.ts";

interface Answer {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error_code?: number;
  readonly description?: string;
}

const alice = { id: 111, name: "Alice" };
let server: TelegramServer;
beforeEach(() => {
  server = TelegramServer.start();
});
afterEach(async () => {
  await server.close();
});

async function post(method: string, parameters: object, token = server.token): Promise<Answer> {
  const response = await fetch(`${server.apiRoot}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(parameters),
  });
  const answer = (await response.json()) as Answer;
  expect(response.status).toBe(answer.ok ? 200 : (answer.error_code ?? 0));
  return answer;
}

const say = (parameters: object) => post("sendMessage", { chat_id: TEAM_CHAT_ID, ...parameters });

describe("the Bot API of the tests", () => {
  test("knows one bot", async () => {
    expect(await post("getMe", {})).toMatchObject({ ok: true, result: { is_bot: true } });
    expect(await post("getMe", {}, "1:wrong")).toMatchObject({ ok: false, error_code: 401 });
    expect(await post("getMe", {}, "wrong")).toMatchObject({ ok: false, error_code: 404 });
    expect(await post("getStuff", {})).toMatchObject({ ok: false, error_code: 404 });
  });

  test("takes what other clients send: strings for numbers, forms, queries, methods in any case", async () => {
    const values = { chat_id: String(TEAM_CHAT_ID), text: "hello", disable_notification: "true" };
    expect(await post("sendmessage", values)).toMatchObject({ ok: true });
    const url = `${server.apiRoot}/bot${server.token}/sendMessage`;
    await fetch(url, { method: "POST", body: new URLSearchParams(values) });
    await fetch(`${url}?${new URLSearchParams(values)}`);
    expect(server.messages.map(({ text, silent }) => [text, silent])).toEqual([
      ["hello", true],
      ["hello", true],
      ["hello", true],
    ]);
  });

  test("gives an update until a request asks for a later one", async () => {
    server.says(alice, "one");
    server.says(alice, "two");
    const ids = async (parameters: object) =>
      ((await post("getUpdates", parameters)).result as { update_id: number }[]).map(
        ({ update_id }) => update_id,
      );
    const [first = 0, second = 0] = await ids({});
    expect(await ids({})).toEqual([first, second]);
    expect(await ids({ limit: 1 })).toEqual([first]);
    expect(await ids({ offset: second })).toEqual([second]);
    expect(await ids({ offset: -1 })).toEqual([second]);
    expect(await ids({ offset: second + 1 })).toEqual([]);
    expect(server.unconfirmed).toEqual([]);
  });

  test("holds a long poll until somebody says something, and ends it when another one comes", async () => {
    const first = post("getUpdates", { timeout: 20 });
    await server.arrived("getUpdates", 1);
    const second = post("getUpdates", { timeout: 20 });
    expect(await first).toMatchObject({ ok: false, error_code: 409 });
    server.says(alice, "hello");
    expect(await second).toMatchObject({ ok: true, result: [{ message: { text: "hello" } }] });
  });

  test("gives only the kinds of update that were asked for", async () => {
    server.edits(server.says(alice, "one"), "two");
    expect(await post("getUpdates", { allowed_updates: ["edited_message"] })).toMatchObject({
      result: [{ edited_message: { text: "two" } }],
    });
  });

  test.each([
    ["an unknown chat", { chat_id: 5, text: "x" }, "chat not found"],
    ["no text", { text: " \n" }, "message text is empty"],
    ["too much text", { text: "x".repeat(4_097) }, "message is too long"],
    ["half a character", { text: "\ud83d" }, "strings must be encoded in UTF-8"],
    [
      "an entity beyond the text",
      { text: "abc", entities: [{ type: "bold", offset: 1, length: 3 }] },
      "ENTITY_BOUNDS_INVALID",
    ],
    [
      "an entity inside a character",
      { text: "😀", entities: [{ type: "bold", offset: 1, length: 1 }] },
      "UTF-16 symbol",
    ],
    [
      "an empty button",
      { text: "x", reply_markup: { inline_keyboard: [[{ text: "A", callback_data: "" }]] } },
      "BUTTON_DATA_INVALID",
    ],
    [
      "a button that carries too much",
      { text: "x", reply_markup: { inline_keyboard: [[{ text: "A", callback_data: "ü".repeat(33) }]] } },
      "BUTTON_DATA_INVALID",
    ],
    [
      "a button that does nothing",
      { text: "x", reply_markup: { inline_keyboard: [[{ text: "A" }]] } },
      "text buttons are unallowed",
    ],
    [
      "buttons without rows",
      { text: "x", reply_markup: { inline_keyboard: [{ text: "A", callback_data: "a" }] } },
      "object expected",
    ],
    [
      "a reply to nothing",
      { text: "x", reply_parameters: { message_id: 99 } },
      "message to be replied not found",
    ],
    ["HTML that does not close", { text: "<b>x", parse_mode: "HTML" }, "can't parse entities"],
    ["HTML with unknown tags", { text: "<h1>x</h1>", parse_mode: "HTML" }, "can't parse entities"],
    ["MarkdownV2 that is not escaped", { text: "1.5", parse_mode: "MarkdownV2" }, "is reserved"],
    ["another parse mode", { text: "x", parse_mode: "RTF" }, "unsupported parse_mode"],
  ])("refuses %s", async (_name, parameters, description) => {
    expect(await say(parameters)).toMatchObject({
      ok: false,
      error_code: 400,
      description: expect.stringContaining(description),
    });
    expect(server.messages).toEqual([]);
  });

  test("reads HTML and MarkdownV2", async () => {
    await say({ text: '<b>1 &lt; 2</b> <a href="http://x">y</a>', parse_mode: "HTML" });
    await say({ text: "*1\\.5* `a.b` [y](http://x)", parse_mode: "MarkdownV2" });
    expect(server.messages.map(({ text, entities }) => [text, entities])).toEqual([
      [
        "1 < 2 y",
        [
          { type: "bold", offset: 0, length: 5 },
          { type: "text_link", offset: 6, length: 1 },
        ],
      ],
      [
        "1.5 a.b y",
        [
          { type: "bold", offset: 0, length: 3 },
          { type: "code", offset: 4, length: 3 },
          { type: "text_link", offset: 8, length: 1 },
        ],
      ],
    ]);
  });

  test("takes a press only for a button that is there, and one answer to it", async () => {
    await say({ text: "x", reply_markup: { inline_keyboard: [[{ text: "A", callback_data: "a" }]] } });
    const [message] = server.messages;
    expect(() => server.presses(alice, message!, "B")).toThrow("no button");
    server.presses(alice, message!, "A");
    const { result } = await post("getUpdates", {});
    const [{ callback_query: query }] = result as [{ callback_query: { id: string } }];
    expect(await post("answerCallbackQuery", { callback_query_id: query.id })).toMatchObject({ ok: true });
    expect(await post("answerCallbackQuery", { callback_query_id: query.id })).toMatchObject({
      error_code: 400,
    });
  });

  test("loses its state only when told", async () => {
    await say({ text: "x" });
    server.says(alice, "one");
    await server.close();
    server.open();
    expect([server.messages.length, server.unconfirmed.length]).toEqual([1, 1]);
    server.loseState();
    expect([server.messages.length, server.unconfirmed.length]).toEqual([0, 0]);
  });
});
