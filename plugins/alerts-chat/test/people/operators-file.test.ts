import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@jeju-oracle/kit";
import { captureLog, SimulatedClock } from "@jeju-oracle/kit/testing";
import type { Caller } from "../../src/conversation/inbound.ts";
import { OperatorsFileError, parseOperators } from "../../src/people/operators-file.ts";
import { mayAs } from "../../src/people/people.ts";
import { PeopleKeeper } from "../../src/people/people-keeper.ts";

const TEXT = `operators:
  - id: alice
    role: approver
    telegram: 11
    discord: "110000000000000001"
    totp: GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
  - id: bob
    role: responder
    telegram: "22"
oncall: [bob, alice]
`;

const caller = (platform: Caller["platform"], userId: string, more: Partial<Caller> = {}): Caller => ({
  platform,
  userId,
  displayName: "somebody",
  isBot: false,
  isAnonymous: false,
  ...more,
});

describe("an operators file", () => {
  const people = parseOperators("operators.yaml", TEXT);

  test("makes one person of the accounts on two platforms", () => {
    expect(people.principalOf(caller("telegram", "11"))?.id).toBe("alice");
    expect(people.principalOf(caller("discord", "110000000000000001"))?.id).toBe("alice");
    expect(people.principalOf(caller("console", "bob"))?.id).toBe("bob");
  });

  test("knows nobody else, no bot and nobody in particular", () => {
    expect(people.principalOf(caller("telegram", "23"))).toBeUndefined();
    expect(people.principalOf(caller("discord", "11"))).toBeUndefined();
    expect(people.principalOf(caller("telegram", "11", { isBot: true }))).toBeUndefined();
    expect(people.principalOf(caller("telegram", "11", { isAnonymous: true }))).toBeUndefined();
  });

  test("tells who is called, in order", () => expect(people.oncall).toEqual(["bob", "alice"]));

  test("keeps secrets of one-time passwords from being printed", () => {
    expect(JSON.stringify(people.all)).not.toContain("GEZDGNBV");
  });

  test("a role may do what the ones before it may, and no more", () => {
    const bob = people.byId("bob");
    expect([mayAs(bob, "viewer"), mayAs(bob, "responder"), mayAs(bob, "operator")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(mayAs(undefined, "viewer")).toBe(false);
  });
});

describe("a malformed operators file is refused with line and field:", () => {
  const wrong: Readonly<Record<string, readonly [text: string, line: number, field: string]>> = {
    "a role that does not exist": [TEXT.replace("responder", "boss"), 8, "operators.1.role"],
    "a name instead of a numeric id": [
      TEXT.replace("telegram: 11", "telegram: '@alice'"),
      4,
      "operators.0.telegram",
    ],
    "a snowflake without quotes": [TEXT.replace(/"110+1"/, "110000000000000001"), 5, "operators.0.discord"],
    "one account for two people": [TEXT.replace('"22"', "11"), 9, "operators.1.telegram"],
    "somebody on call who is no operator": [TEXT.replace("[bob, alice]", "[bob, zoe]"), 10, "oncall.1"],
    "a secret that is no base32": [
      TEXT.replace("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "hunter2!"),
      6,
      "operators.0.totp",
    ],
    "an unknown field": [TEXT.replace("role: approver", "role: approver\n    phone: 1"), 2, "operators.0"],
    "no YAML": ["operators:\n  - id: [", 2, "YAML"],
    "an empty file": ["", 1, "the file"],
  };
  for (const [what, [text, line, field]] of Object.entries(wrong)) {
    test(what, () => {
      let thrown: unknown;
      try {
        parseOperators("operators.yaml", text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(OperatorsFileError);
      expect((thrown as OperatorsFileError).problems[0]).toMatchObject({ line, field });
      expect(String(thrown)).not.toContain("hunter2");
    });
  }
});

describe("the people in force", () => {
  const directory = mkdtempSync(join(tmpdir(), "operators-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const write = (name: string, text: string, mode = 0o600) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  test("are read again when the file changes", () => {
    const path = write("changes.yaml", TEXT);
    const { logger } = captureLog();
    const keeper = new PeopleKeeper(path, logger);
    write("changes.yaml", TEXT.replace("role: responder", "role: operator"));
    keeper.reload();
    expect(keeper.byId("bob")?.role).toBe("operator");
  });

  test("stay as they were when the file breaks; the log says line and field once", () => {
    const path = write("breaks.yaml", TEXT);
    const log = captureLog();
    const keeper = new PeopleKeeper(path, log.logger);
    write("breaks.yaml", TEXT.replace("responder", "boss"));
    keeper.reload();
    keeper.reload();
    expect(keeper.byId("bob")?.role).toBe("responder");
    expect(log.matching("line 8: operators.1.role")).toHaveLength(1);
    expect(keeper.failure?.code).toBe("operators-file-malformed");
    write("breaks.yaml", TEXT.replace("role: responder", "role: viewer"));
    keeper.reload();
    expect(keeper.byId("bob")?.role).toBe("viewer");
    expect(keeper.failure).toBeUndefined();
  });

  test("a mistake is told while it is there, and when it is mended", async () => {
    const path = write("told.yaml", TEXT);
    const clock = new SimulatedClock();
    const keeper = new PeopleKeeper(path, captureLog().logger);
    const stopping = new AbortController();
    const heard: (string | undefined)[] = [];
    const kept = keeper.keep(clock, stopping.signal, (failure) => heard.push(failure?.code));
    write("told.yaml", TEXT.replace("responder", "boss"));
    await clock.advance(2_000);
    write("told.yaml", TEXT.replace("role: responder", "role: viewer"));
    await clock.advance(2_000);
    stopping.abort();
    await kept;
    expect(heard).toEqual(["operators-file-malformed", undefined]);
  });

  test("a file that others can read ends the start with the command that mends it", () => {
    const path = write("open.yaml", TEXT, 0o644);
    expect(() => new PeopleKeeper(path, captureLog().logger)).toThrow(ConfigError);
    expect(() => new PeopleKeeper(path, captureLog().logger)).toThrow(`run chmod 600 ${path}`);
  });

  test("a file that is not there ends the start", () => {
    expect(() => new PeopleKeeper(join(directory, "none.yaml"), captureLog().logger)).toThrow(
      "OPERATORS_FILE",
    );
  });

  test("without a file there is nobody", () => {
    expect(new PeopleKeeper(undefined, captureLog().logger).all).toEqual([]);
  });
});
