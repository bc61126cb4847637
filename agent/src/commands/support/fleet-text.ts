/** The page of `list`: a table of members, then what holds for the whole fleet. Pure. */

import { wrap } from "../../command-line/wrap.ts";
import { describeAgeMs, describeMs } from "./duration.ts";
import type { FleetPicture } from "./fleet-picture.ts";
import { isCurrent, type MemberPicture, type MemberState } from "./member-picture.ts";
import { type Cell, type Colour, type Column, formatTable, paint, plainText } from "./table.ts";
import { formatUsd8 } from "./usd.ts";

const COLUMNS: readonly Column[] = [
  { title: "MEMBER" },
  { title: "HOST" },
  { title: "ROLE" },
  { title: "STATE" },
  { title: "TERM", align: "right" },
  { title: "PRICE ON CHAIN" },
  { title: "WOULD PUSH" },
  { title: "SEEN" },
  { title: "VERSION" },
  { title: "CONFIG" },
];

const COLOUR_BY_STATE: Readonly<Record<MemberState, Colour>> = {
  healthy: "green",
  unhealthy: "red",
  paused: "yellow",
  stopped: "dim",
  dead: "red",
  silent: "red",
};

const NOTHING = "-";
const LONGEST_HOST = 14;
const CONFIG_DIGITS = 6;
const LABEL_WIDTH = 10;

export interface Page {
  readonly columns: number;
  readonly colours: boolean;
}

export function fleetLines(picture: FleetPicture, page: Page): readonly string[] {
  const { members } = picture;
  const table = members.length === 0 ? [] : formatTable(COLUMNS, members.map(rowOf), page.colours);
  const facts: readonly (readonly [label: string, text: string])[] = [
    ["Leader", leaderText(picture)],
    ["Store", picture.store],
    ["Updates", updatesText(picture)],
    ...picture.overrides.map((override) => ["Override", overrideText(override)] as const),
    ...(picture.failover === null ? [] : [["Failover", failoverText(picture.failover)] as const]),
    ...members.flatMap((member) => troublesOf(member, picture).map((text) => [member.botId, text] as const)),
    ...picture.notes.map((note) => ["Note", note] as const),
    ...(members.length === 0
      ? [["Note", "The store knows no member: check that LEADER_LOCK_URL names the fleet's store."] as const]
      : [["Note", "SEEN is the age of a member's last report by its own clock."] as const]),
  ];
  return [...table, ...(table.length > 0 ? [""] : []), ...facts.flatMap((fact) => factLines(fact, page))];
}

function rowOf(member: MemberPicture): readonly Cell[] {
  const { botId, host, role, state, term, version, configHash, ageMs } = member;
  const current = isCurrent(state);
  return [
    { text: plainText(botId), ...(role === "leader" ? { colour: "bold" as const } : {}) },
    { text: plainText(host, LONGEST_HOST) },
    { text: role === "none" ? NOTHING : role },
    { text: state, colour: COLOUR_BY_STATE[state] },
    { text: term === null ? NOTHING : String(term) },
    { text: pricesText(member) },
    { text: current ? plainText(member.wouldPush ?? NOTHING, 12) : NOTHING },
    { text: state === "dead" ? "process dead" : describeAgeMs(ageMs) },
    { text: plainText(version, 12) },
    { text: plainText(configHash, 12).slice(0, CONFIG_DIGITS) },
  ];
}

/** A pause of the whole fleet is told once. */
function troublesOf(
  { botId, reasons, pausedBy }: MemberPicture,
  { directive }: FleetPicture,
): readonly string[] {
  const isPauseOfFleet = directive?.kind === "pause" && directive.obeyedBy.includes(botId);
  return pausedBy === null || isPauseOfFleet ? reasons : [...reasons, pausedBy];
}

/** ETH, then elizaOS. */
function pricesText({ chainEthUsd8, chainElizaUsd8 }: MemberPicture): string {
  if (chainEthUsd8 === null || chainElizaUsd8 === null) return NOTHING;
  return `${formatUsd8(BigInt(chainEthUsd8))} ${formatUsd8(BigInt(chainElizaUsd8))}`;
}

function leaderText({ lease, leader, members }: FleetPicture): string {
  if (lease === null) return "none: nobody was ever elected in this store";
  const { holder, term, endsInMs, why } = lease;
  if (holder === null) {
    const next = lease.nominee === null ? "" : `; ${lease.nominee} shall lead next`;
    return `none: ${lease.from ?? "the leader"} let go of term ${term} ${describeAgeMs(lease.ageMs)} (${why})${next}`;
  }
  const entry = members.find(({ botId }) => botId === holder);
  if (leader === null) {
    return `none: ${holder} held term ${term}${entry?.processDead === true ? " and its process is dead" : ""}; its lease ${leaseEnd(endsInMs)}`;
  }
  const revoked = lease.revoked ? `; it is revoked in favour of ${lease.nominee ?? "another member"}` : "";
  return `${holder}, term ${term}; its lease ${leaseEnd(endsInMs)}${endsInMs > 0 ? " unless renewed" : ""}${revoked}`;
}

function leaseEnd(endsInMs: number): string {
  return endsInMs > 0 ? `ends in ${describeMs(endsInMs)}` : `ran out ${describeAgeMs(-endsInMs)}`;
}

function updatesText({ directive, members, leader }: FleetPicture): string {
  if (directive !== null && directive.kind === "pause" && !directive.over) {
    const end = directive.until === null ? "until resumed" : `until ${directive.until} chain time`;
    const missing = members.filter(
      ({ botId, state }) => isCurrent(state) && !directive.obeyedBy.includes(botId),
    );
    const obeyed = missing.length === 0 ? "" : `; not yet obeyed by ${names(missing)}`;
    return `paused by ${directive.by} ${end}: ${directive.reason}${obeyed}`;
  }
  const leading = members.find(({ botId }) => botId === leader);
  if (leading === undefined) return "nobody pushes: there is no leader";
  if (leading.state === "paused") return `not pushed by ${leading.botId}, see below`;
  const resumed = directive?.kind === "resume" ? ` (resumed by ${directive.by}: ${directive.reason})` : "";
  return `running${resumed}`;
}

function overrideText({ name, value, until, over, by, reason }: FleetPicture["overrides"][number]): string {
  return `${name} = ${value} ${over ? "ended" : "until"} ${until} chain time, by ${by}: ${reason}`;
}

function failoverText({ to, by, reason, ageMs, refused }: NonNullable<FleetPicture["failover"]>): string {
  const state = refused === null ? "waiting for the leader" : `refused: ${refused}`;
  return `to ${to ?? "the best member"}, asked ${describeAgeMs(ageMs)} by ${by} (${reason}); ${state}`;
}

function names(members: readonly MemberPicture[]): string {
  return members.map(({ botId }) => botId).join(", ");
}

function factLines([label, text]: readonly [string, string], { columns, colours }: Page): readonly string[] {
  const lead = `${plainText(label).padEnd(LABEL_WIDTH - 1)} `;
  const lines = wrap(plainText(text, 400), Math.max(40, columns - lead.length));
  return lines.map((line, index) =>
    index === 0
      ? `${paint({ text: lead, colour: "dim" }, colours)}${line}`
      : `${" ".repeat(lead.length)}${line}`,
  );
}
