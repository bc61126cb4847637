import { afterAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerSecret } from "@jeju-oracle/kit";
import { SimulatedClock } from "@jeju-oracle/kit/testing";
import { AuditLog, brokenLines, readAudit } from "../../src/audit/audit-log.ts";

const directory = mkdtempSync(join(tmpdir(), "audit-"));
afterAll(() => rmSync(directory, { recursive: true }));

const pathOf = (name: string) => join(directory, name, "audit.jsonl");
const open = (path: string) => new AuditLog(path, "bot-1", new SimulatedClock());

describe("the audit", () => {
  test("is one JSON line per entry, with who, what, when and what was observed, and mode 600", () => {
    const path = pathOf("lines");
    const log = open(path);
    log.write({ who: "alice", what: "confirmed", action: "pause", proposalId: "p1", detail: "pressed" });
    const [line = ""] = readFileSync(path, "utf8").split("\n");
    expect(JSON.parse(line)).toMatchObject({
      who: "alice",
      what: "confirmed",
      botId: "bot-1",
      detail: "pressed",
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("goes on where an earlier run ended, and a line that was changed or taken out is noticed", () => {
    const path = pathOf("chain");
    open(path).write({ who: "a", what: "x", detail: "1" });
    const second = open(path);
    for (const detail of ["2", "3", "4"]) second.write({ who: "a", what: "x", detail });
    expect(readAudit(path).map(({ detail }) => detail)).toEqual(["1", "2", "3", "4"]);
    expect(brokenLines(path)).toEqual([]);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    writeFileSync(path, `${[lines[0], lines[2], lines[3]].join("\n")}\n`);
    expect(brokenLines(path)).toEqual([2]);
    writeFileSync(path, `${[lines[0], lines[1]?.replace('"2"', '"9"'), lines[2]].join("\n")}\n`);
    expect(brokenLines(path)).toEqual([3]);
  });

  test("holds no secret", () => {
    const path = pathOf("secret");
    registerSecret("hunter2-hunter2-hunter2");
    open(path).write({ who: "a", what: "x", detail: "key hunter2-hunter2-hunter2" });
    expect(readFileSync(path, "utf8")).not.toContain("hunter2");
  });

  test("that cannot be written says so before anything is done", () => {
    const path = pathOf("unwritable");
    const log = open(path);
    log.write({ who: "a", what: "x", detail: "1" });
    rmSync(path);
    writeFileSync(join(directory, "unwritable", "blocker"), "");
    chmodSync(join(directory, "unwritable", "blocker"), 0o600);
    rmSync(join(directory, "unwritable"), { recursive: true });
    expect(() => log.write({ who: "a", what: "x", detail: "2" })).toThrow("cannot be written");
  });

  test("keeps what comes after a line that was cut off, and shows that one as broken", () => {
    const path = pathOf("cut-off");
    open(path).write({ who: "a", what: "x", detail: "1" });
    appendFileSync(path, '{"at":5,"who":"a","wh');
    const log = open(path);
    for (const detail of ["2", "3"]) log.write({ who: "a", what: "x", detail });
    expect(readAudit(path).map(({ detail }) => detail)).toEqual(["1", "2", "3"]);
    expect(brokenLines(path)).toEqual([2]);
  });

  test("that cannot be read stops who writes it, not who makes it, and is written when it can be", () => {
    const path = pathOf("unreadable");
    mkdirSync(path, { recursive: true });
    const log = open(path);
    expect(() => log.open()).toThrow("cannot be written");
    expect(() => log.write({ who: "a", what: "x", detail: "1" })).toThrow("cannot be written");
    rmSync(path, { recursive: true });
    log.write({ who: "a", what: "x", detail: "2" });
    expect(readAudit(path).map(({ detail }) => detail)).toEqual(["2"]);
  });
});
