import { describe, expect, test } from "bun:test";
import { ChannelType, type Component, type Memory, type Room, type UUID } from "@elizaos/core";
import { BoundedMap } from "../src/bounded-map.ts";
import { MEMORY_LIMITS, MemoryAdapter } from "../src/memory-adapter.ts";

const id = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}` as UUID;
const AGENT = id(1);
const ROOM = id(2);

const memory = (n: number, extra: Partial<Memory> = {}): Memory => ({
  id: id(n),
  entityId: AGENT,
  roomId: ROOM,
  createdAt: n,
  content: { text: `message ${n}` },
  ...extra,
});
const room = (n: number): Room => ({
  id: id(n),
  agentId: AGENT,
  source: "test",
  type: ChannelType.DM,
  worldId: id(n),
});
const component = (n: number): Component => ({
  id: id(n),
  entityId: id(n),
  agentId: AGENT,
  roomId: ROOM,
  worldId: ROOM,
  sourceEntityId: AGENT,
  type: "note",
  createdAt: n,
  data: {},
});

describe("MemoryAdapter", () => {
  test("stays within its limits under 10,000 of everything, and keeps the agent's own records", async () => {
    const adapter = new MemoryAdapter();
    await adapter.createWorld({ id: AGENT, agentId: AGENT });
    await adapter.createRooms([{ ...room(1), worldId: AGENT }]);
    await adapter.createEntities([{ id: AGENT, names: ["own"], agentId: AGENT, metadata: {} }]);
    for (let n = 10; n < 10_010; n++) {
      await adapter.createAgent({ id: id(n), name: `agent ${n}` });
      await adapter.createWorld({ id: id(n), agentId: AGENT });
      await adapter.createRooms([room(n)]);
      await adapter.createEntities([{ id: id(n), names: [`${n}`], agentId: AGENT, metadata: {} }]);
      await adapter.createComponent(component(n));
      await adapter.addParticipantsRoom([id(n)], id(n));
      await adapter.addParticipantsRoom([id(n)], ROOM);
      await adapter.setParticipantUserState(ROOM, id(n), "MUTED");
      await adapter.createRelationship({ sourceEntityId: AGENT, targetEntityId: id(n) });
      await adapter.setCache(`key ${n}`, n);
      await adapter.createTask({ id: id(n), name: "task", description: "", tags: [] });
      await adapter.createMemory(memory(n), "messages");
      await adapter.createMemory(memory(n), `table ${n}`);
      await adapter.log();
    }
    expect(adapter.sizes()).toEqual({
      agents: MEMORY_LIMITS.agents,
      worlds: MEMORY_LIMITS.worlds,
      rooms: MEMORY_LIMITS.rooms,
      entities: MEMORY_LIMITS.entities,
      components: MEMORY_LIMITS.components,
      roomsWithParticipants: MEMORY_LIMITS.rooms,
      participants: MEMORY_LIMITS.rooms - 1 + MEMORY_LIMITS.participantsPerRoom,
      participantStates: MEMORY_LIMITS.participantStates,
      relationships: MEMORY_LIMITS.relationships,
      cacheEntries: MEMORY_LIMITS.cacheEntries,
      tasks: MEMORY_LIMITS.tasks,
      memoryTables: MEMORY_LIMITS.memoryTables,
      memories: MEMORY_LIMITS.memoriesPerTable + MEMORY_LIMITS.memoryTables - 1,
    });
    expect(await adapter.getWorld(AGENT)).not.toBeNull();
    expect(await adapter.getRoomsByIds([AGENT])).toHaveLength(1);
    expect(await adapter.getEntitiesByIds([AGENT])).toHaveLength(1);
    expect(await adapter.getLogs()).toEqual([]);
  });

  test("gives memories newest first, by room, person, time, offset and count", async () => {
    const adapter = new MemoryAdapter();
    for (let n = 10; n < 20; n++) {
      await adapter.createMemory(
        memory(n, n % 2 === 0 ? { roomId: id(3) } : { entityId: id(4) }),
        "messages",
      );
    }
    const times = async (query: Omit<Parameters<MemoryAdapter["getMemories"]>[0], "tableName">) =>
      (await adapter.getMemories({ tableName: "messages", ...query })).map(({ createdAt }) => createdAt);
    expect(await times({})).toEqual([19, 18, 17, 16, 15, 14, 13, 12, 11, 10]);
    expect(await times({ roomId: id(3), count: 2 })).toEqual([18, 16]);
    expect(await times({ entityId: id(4), offset: 3 })).toEqual([13, 11]);
    expect(await times({ start: 12, end: 14 })).toEqual([14, 13, 12]);
    expect(await adapter.countMemories(id(3), false, "messages")).toBe(5);
    expect(await adapter.getMemories({ tableName: "absent" })).toEqual([]);
  });

  test("updates and deletes a memory wherever it is", async () => {
    const adapter = new MemoryAdapter();
    await adapter.createMemory(memory(10), "facts");
    expect(await adapter.updateMemory({ id: id(10), content: { text: "changed" } })).toBe(true);
    expect((await adapter.getMemoryById(id(10)))?.content.text).toBe("changed");
    await adapter.deleteManyMemories([id(10)]);
    expect(await adapter.getMemoryById(id(10))).toBeNull();
    expect(await adapter.updateMemory({ id: id(10) })).toBe(false);
  });

  test("finds participants from both sides and forgets them with their room", async () => {
    const adapter = new MemoryAdapter();
    await adapter.createEntities([{ id: id(5), names: ["alice"], agentId: AGENT, metadata: {} }]);
    await adapter.createRooms([room(7)]);
    await adapter.addParticipantsRoom([id(5)], id(7));
    expect(await adapter.getRoomsForParticipant(id(5))).toEqual([id(7)]);
    expect(await adapter.isRoomParticipant(id(7), id(5))).toBe(true);
    expect((await adapter.getEntitiesForRoom(id(7))).map(({ names }) => names)).toEqual([["alice"]]);
    expect(await adapter.getParticipantsForEntity(id(5))).toHaveLength(1);
    await adapter.deleteRoomsByWorldId(id(7));
    expect(await adapter.getParticipantsForRoom(id(7))).toEqual([]);
    expect(await adapter.removeParticipant(id(5), id(7))).toBe(false);
  });

  test("keeps falsy values in the cache, and finds tasks by name, room and tags", async () => {
    const adapter = new MemoryAdapter();
    await adapter.setCache("zero", 0);
    expect(await adapter.getCache<number>("zero")).toBe(0);
    await adapter.deleteCache("zero");
    expect(await adapter.getCache<number>("zero")).toBeUndefined();
    const taskId = await adapter.createTask({
      name: "choose",
      description: "",
      tags: ["AWAITING_CHOICE"],
      roomId: ROOM,
    });
    await adapter.updateTask(taskId, { description: "pick one" });
    expect((await adapter.getTasks({ roomId: ROOM, tags: ["AWAITING_CHOICE"] }))[0]?.description).toBe(
      "pick one",
    );
    expect(await adapter.getTasks({ tags: ["OTHER"] })).toEqual([]);
    expect(await adapter.getTasksByName("choose")).toHaveLength(1);
    await adapter.deleteTask(taskId);
    expect(await adapter.getTask(taskId)).toBeNull();
  });
});

describe("BoundedMap", () => {
  test("drops the entry that was not used for longest", () => {
    const map = new BoundedMap<string, number>({ maxEntries: 2 });
    map.set("a", 1);
    map.set("b", 2);
    map.get("a");
    map.set("c", 3);
    expect(map.entries()).toEqual([
      ["a", 1],
      ["c", 3],
    ]);
  });

  test("holds its bound even when every entry asks to stay", () => {
    const map = new BoundedMap<string, number>({ maxEntries: 2, keep: () => true });
    for (const key of ["a", "b", "c"]) map.set(key, 0);
    expect(map.entries().map(([key]) => key)).toEqual(["a", "b"]);
  });
});
