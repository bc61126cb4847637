/**
 * The database that elizaOS demands, in memory and bounded. Nothing survives a restart, and nothing has to: what must
 * survive (journal, leases, alerts) has its own store. Every collection has a limit, so that months of chat cannot
 * grow the process. There are no embeddings: searches by meaning find nothing.
 */
import {
  type Agent,
  type Component,
  DatabaseAdapter,
  type Entity,
  type Log,
  type Memory,
  type Participant,
  type Relationship,
  type Room,
  type Task,
  type UUID,
  type World,
} from "@elizaos/core";
import { BoundedMap } from "./bounded-map.ts";

/** How much of each kind is kept. One on-call team with its rooms and people needs a small part of this. */
export const MEMORY_LIMITS = {
  agents: 8,
  worlds: 200,
  rooms: 500,
  entities: 1_000,
  components: 1_000,
  participantsPerRoom: 500,
  participantStates: 1_000,
  relationships: 1_000,
  cacheEntries: 500,
  tasks: 500,
  memoryTables: 16,
  memoriesPerTable: 500,
} as const;

type NoDatabase = Readonly<Record<string, never>>;
type ParticipantState = "FOLLOWED" | "MUTED" | null;
type MemoryQuery = Parameters<DatabaseAdapter["getMemories"]>[0];
type RelationshipParams = Parameters<DatabaseAdapter["createRelationship"]>[0];

export class MemoryAdapter extends DatabaseAdapter<NoDatabase> {
  override db: NoDatabase = {};
  #ready = false;
  readonly #agents = new BoundedMap<UUID, Agent>({ maxEntries: MEMORY_LIMITS.agents });
  /** The agent's own world, room and entity must outlive any number of guests. */
  readonly #worlds = new BoundedMap<UUID, World>({
    maxEntries: MEMORY_LIMITS.worlds,
    keep: (world) => world.id === world.agentId,
  });
  readonly #rooms = new BoundedMap<UUID, Room>({
    maxEntries: MEMORY_LIMITS.rooms,
    keep: (room) => room.id === room.agentId,
  });
  readonly #entities = new BoundedMap<UUID, Entity>({
    maxEntries: MEMORY_LIMITS.entities,
    keep: (entity) => entity.id === entity.agentId,
  });
  readonly #components = new BoundedMap<UUID, Component>({ maxEntries: MEMORY_LIMITS.components });
  readonly #participants = new BoundedMap<UUID, BoundedMap<UUID, true>>({ maxEntries: MEMORY_LIMITS.rooms });
  readonly #participantStates = new BoundedMap<string, ParticipantState>({
    maxEntries: MEMORY_LIMITS.participantStates,
  });
  readonly #relationships = new BoundedMap<string, Relationship>({ maxEntries: MEMORY_LIMITS.relationships });
  readonly #cache = new BoundedMap<string, { readonly value: unknown }>({
    maxEntries: MEMORY_LIMITS.cacheEntries,
  });
  readonly #tasks = new BoundedMap<UUID, Task & { id: UUID }>({ maxEntries: MEMORY_LIMITS.tasks });
  readonly #memoryTables = new BoundedMap<string, BoundedMap<UUID, Memory>>({
    maxEntries: MEMORY_LIMITS.memoryTables,
  });

  async initialize(): Promise<void> {
    this.#ready = true;
  }

  async init(): Promise<void> {
    this.#ready = true;
  }

  /** There are no tables to migrate. */
  async runPluginMigrations(): Promise<void> {}

  async isReady(): Promise<boolean> {
    return this.#ready;
  }

  async close(): Promise<void> {
    this.#ready = false;
  }

  async getConnection(): Promise<NoDatabase> {
    return this.db;
  }

  /** Entries by kind, for tests and diagnosis. */
  sizes(): Readonly<Record<string, number>> {
    const sum = (maps: readonly { readonly size: number }[]) =>
      maps.reduce((total, { size }) => total + size, 0);
    return {
      agents: this.#agents.size,
      worlds: this.#worlds.size,
      rooms: this.#rooms.size,
      entities: this.#entities.size,
      components: this.#components.size,
      roomsWithParticipants: this.#participants.size,
      participants: sum(this.#participants.values()),
      participantStates: this.#participantStates.size,
      relationships: this.#relationships.size,
      cacheEntries: this.#cache.size,
      tasks: this.#tasks.size,
      memoryTables: this.#memoryTables.size,
      memories: sum(this.#memoryTables.values()),
    };
  }

  // Agents

  async getAgent(id: UUID): Promise<Agent | null> {
    return this.#agents.get(id) ?? null;
  }

  async getAgents(): Promise<Partial<Agent>[]> {
    return this.#agents.values();
  }

  async createAgent(agent: Partial<Agent>): Promise<boolean> {
    if (agent.id === undefined || agent.name === undefined || this.#agents.has(agent.id)) return false;
    const nowMs = Date.now();
    this.#agents.set(agent.id, { bio: "", createdAt: nowMs, updatedAt: nowMs, ...agent, name: agent.name });
    return true;
  }

  async updateAgent(id: UUID, changes: Partial<Agent>): Promise<boolean> {
    const known = this.#agents.get(id);
    if (known === undefined) return false;
    this.#agents.set(id, { ...known, ...changes, updatedAt: Date.now() });
    return true;
  }

  async deleteAgent(id: UUID): Promise<boolean> {
    return this.#agents.delete(id);
  }

  async ensureEmbeddingDimension(): Promise<void> {}

  // Entities and their components

  async getEntitiesByIds(ids: UUID[]): Promise<Entity[]> {
    return present(ids.map((id) => this.#entities.get(id)));
  }

  async getEntitiesForRoom(roomId: UUID, includeComponents = false): Promise<Entity[]> {
    const entities = await this.getEntitiesByIds(await this.getParticipantsForRoom(roomId));
    if (!includeComponents) return entities;
    const components = this.#components.values();
    return entities.map((entity) => ({
      ...entity,
      components: components.filter(({ entityId }) => entityId === entity.id),
    }));
  }

  async createEntities(entities: Entity[]): Promise<boolean> {
    for (const entity of entities) {
      const id = entity.id ?? newId();
      if (!this.#entities.has(id)) this.#entities.set(id, { ...entity, id });
    }
    return true;
  }

  async updateEntity(entity: Entity): Promise<void> {
    if (entity.id === undefined) return;
    this.#entities.set(entity.id, { ...this.#entities.get(entity.id), ...entity });
  }

  async getComponent(
    entityId: UUID,
    type: string,
    worldId?: UUID,
    sourceEntityId?: UUID,
  ): Promise<Component | null> {
    const components = await this.getComponents(entityId, worldId, sourceEntityId);
    return components.find((component) => component.type === type) ?? null;
  }

  async getComponents(entityId: UUID, worldId?: UUID, sourceEntityId?: UUID): Promise<Component[]> {
    return this.#components
      .values()
      .filter(
        (component) =>
          component.entityId === entityId &&
          matches(worldId, component.worldId) &&
          matches(sourceEntityId, component.sourceEntityId),
      );
  }

  async createComponent(component: Component): Promise<boolean> {
    this.#components.set(component.id, component);
    return true;
  }

  async updateComponent(component: Component): Promise<void> {
    this.#components.set(component.id, component);
  }

  async deleteComponent(id: UUID): Promise<void> {
    this.#components.delete(id);
  }

  // Worlds and rooms

  async getWorld(id: UUID): Promise<World | null> {
    return this.#worlds.get(id) ?? null;
  }

  async getAllWorlds(): Promise<World[]> {
    return this.#worlds.values();
  }

  async createWorld(world: World): Promise<UUID> {
    if (!this.#worlds.has(world.id)) this.#worlds.set(world.id, world);
    return world.id;
  }

  async updateWorld(world: World): Promise<void> {
    this.#worlds.set(world.id, world);
  }

  async removeWorld(id: UUID): Promise<void> {
    this.#worlds.delete(id);
  }

  async getRoomsByIds(ids: UUID[]): Promise<Room[]> {
    return present(ids.map((id) => this.#rooms.get(id)));
  }

  async getRoomsByWorld(worldId: UUID): Promise<Room[]> {
    return this.#rooms.values().filter((room) => room.worldId === worldId);
  }

  async createRooms(rooms: Room[]): Promise<UUID[]> {
    return rooms.map((room) => {
      const id = room.id ?? newId();
      if (!this.#rooms.has(id)) this.#rooms.set(id, { ...room, id });
      return id;
    });
  }

  async updateRoom(room: Room): Promise<void> {
    this.#rooms.set(room.id, room);
  }

  async deleteRoom(id: UUID): Promise<void> {
    this.#rooms.delete(id);
    this.#participants.delete(id);
  }

  async deleteRoomsByWorldId(worldId: UUID): Promise<void> {
    for (const room of await this.getRoomsByWorld(worldId)) await this.deleteRoom(room.id);
  }

  // Participants

  async getRoomsForParticipant(entityId: UUID): Promise<UUID[]> {
    return this.getRoomsForParticipants([entityId]);
  }

  async getRoomsForParticipants(entityIds: UUID[]): Promise<UUID[]> {
    return this.#participants
      .entries()
      .filter(([, members]) => entityIds.some((id) => members.has(id)))
      .map(([roomId]) => roomId);
  }

  async addParticipantsRoom(entityIds: UUID[], roomId: UUID): Promise<boolean> {
    let members = this.#participants.get(roomId);
    if (members === undefined) {
      members = new BoundedMap({ maxEntries: MEMORY_LIMITS.participantsPerRoom });
      this.#participants.set(roomId, members);
    }
    for (const id of entityIds) members.set(id, true);
    return true;
  }

  async removeParticipant(entityId: UUID, roomId: UUID): Promise<boolean> {
    return this.#participants.get(roomId)?.delete(entityId) ?? false;
  }

  async getParticipantsForEntity(entityId: UUID): Promise<Participant[]> {
    const entity = this.#entities.get(entityId);
    if (entity === undefined) return [];
    const rooms = await this.getRoomsForParticipant(entityId);
    return rooms.map(() => ({ id: entityId, entity }));
  }

  async getParticipantsForRoom(roomId: UUID): Promise<UUID[]> {
    const members = this.#participants.get(roomId);
    return members === undefined ? [] : members.entries().map(([id]) => id);
  }

  async isRoomParticipant(roomId: UUID, entityId: UUID): Promise<boolean> {
    return this.#participants.get(roomId)?.has(entityId) ?? false;
  }

  async getParticipantUserState(roomId: UUID, entityId: UUID): Promise<ParticipantState> {
    return this.#participantStates.get(`${roomId}/${entityId}`) ?? null;
  }

  async setParticipantUserState(roomId: UUID, entityId: UUID, state: ParticipantState): Promise<void> {
    const key = `${roomId}/${entityId}`;
    if (state === null) this.#participantStates.delete(key);
    else this.#participantStates.set(key, state);
  }

  // Memories

  async createMemory(memory: Memory, tableName: string, unique?: boolean): Promise<UUID> {
    const id = memory.id ?? newId();
    const table = this.#memoryTable(tableName);
    if (!table.has(id)) {
      table.set(id, {
        ...memory,
        id,
        createdAt: memory.createdAt ?? Date.now(),
        unique: unique ?? memory.unique ?? true,
      });
    }
    return id;
  }

  async getMemories(query: MemoryQuery): Promise<Memory[]> {
    const { offset = 0, count = MEMORY_LIMITS.memoriesPerTable } = query;
    return this.#memoriesIn(query.tableName)
      .filter((memory) => answers(memory, query))
      .sort(newestFirst)
      .slice(offset, offset + count);
  }

  async getMemoriesByRoomIds(params: {
    roomIds: UUID[];
    tableName: string;
    limit?: number;
  }): Promise<Memory[]> {
    const rooms = new Set(params.roomIds);
    return this.#memoriesIn(params.tableName)
      .filter(({ roomId }) => rooms.has(roomId))
      .sort(newestFirst)
      .slice(0, params.limit ?? MEMORY_LIMITS.memoriesPerTable);
  }

  async getMemoriesByWorldId(params: {
    worldId: UUID;
    count?: number;
    tableName?: string;
  }): Promise<Memory[]> {
    return this.#memoriesIn(params.tableName ?? "messages")
      .filter(({ worldId }) => worldId === params.worldId)
      .sort(newestFirst)
      .slice(0, params.count ?? MEMORY_LIMITS.memoriesPerTable);
  }

  async getMemoryById(id: UUID): Promise<Memory | null> {
    for (const table of this.#memoryTables.values()) {
      const memory = table.get(id);
      if (memory !== undefined) return memory;
    }
    return null;
  }

  async getMemoriesByIds(ids: UUID[], tableName?: string): Promise<Memory[]> {
    if (tableName === undefined) return present(await Promise.all(ids.map((id) => this.getMemoryById(id))));
    const table = this.#memoryTables.get(tableName);
    return present(ids.map((id) => table?.get(id)));
  }

  async updateMemory(changes: Partial<Memory> & { id: UUID }): Promise<boolean> {
    for (const table of this.#memoryTables.values()) {
      const known = table.get(changes.id);
      if (known === undefined) continue;
      table.set(changes.id, { ...known, ...changes });
      return true;
    }
    return false;
  }

  async deleteMemory(id: UUID): Promise<void> {
    for (const table of this.#memoryTables.values()) table.delete(id);
  }

  async deleteManyMemories(ids: UUID[]): Promise<void> {
    for (const id of ids) await this.deleteMemory(id);
  }

  async deleteAllMemories(roomId: UUID, tableName: string): Promise<void> {
    const table = this.#memoryTables.get(tableName);
    for (const [id, memory] of table?.entries() ?? []) if (memory.roomId === roomId) table?.delete(id);
  }

  async countMemories(roomId: UUID, unique = true, tableName = "messages"): Promise<number> {
    return this.#memoriesIn(tableName).filter(
      (memory) => memory.roomId === roomId && (!unique || memory.unique === true),
    ).length;
  }

  async searchMemories(): Promise<Memory[]> {
    return [];
  }

  async getCachedEmbeddings(): Promise<{ embedding: number[]; levenshtein_score: number }[]> {
    return [];
  }

  // Logs of elizaOS hold whole prompts and messages: they are not kept. The agent's own log is elsewhere.

  async log(): Promise<void> {}

  async getLogs(): Promise<Log[]> {
    return [];
  }

  async deleteLog(): Promise<void> {}

  // Relationships

  async createRelationship(params: RelationshipParams): Promise<boolean> {
    const { sourceEntityId, targetEntityId, tags = [], metadata = {} } = params;
    const agentId = this.#entities.get(sourceEntityId)?.agentId ?? sourceEntityId;
    this.#relationships.set(relationshipKey(params), {
      id: newId(),
      sourceEntityId,
      targetEntityId,
      agentId,
      tags,
      metadata,
      createdAt: new Date().toISOString(),
    });
    return true;
  }

  async getRelationship(params: RelationshipParams): Promise<Relationship | null> {
    return this.#relationships.get(relationshipKey(params)) ?? null;
  }

  async getRelationships(params: { entityId: UUID; tags?: string[] }): Promise<Relationship[]> {
    const { entityId, tags = [] } = params;
    return this.#relationships
      .values()
      .filter(
        (relationship) =>
          (relationship.sourceEntityId === entityId || relationship.targetEntityId === entityId) &&
          tags.every((tag) => relationship.tags.includes(tag)),
      );
  }

  async updateRelationship(params: RelationshipParams): Promise<void> {
    const known = this.#relationships.get(relationshipKey(params));
    if (known === undefined) return;
    this.#relationships.set(relationshipKey(params), {
      ...known,
      tags: params.tags ?? known.tags,
      metadata: params.metadata ?? known.metadata,
    });
  }

  // Cache

  async getCache<T>(key: string): Promise<T | undefined> {
    return this.#cache.get(key)?.value as T | undefined;
  }

  async setCache<T>(key: string, value: T): Promise<boolean> {
    this.#cache.set(key, { value });
    return true;
  }

  async deleteCache(key: string): Promise<boolean> {
    return this.#cache.delete(key);
  }

  // Tasks

  async createTask(task: Task): Promise<UUID> {
    const id = task.id ?? newId();
    this.#tasks.set(id, { ...task, id });
    return id;
  }

  async getTasks(params: { roomId?: UUID; tags?: string[]; entityId?: UUID }): Promise<Task[]> {
    const { roomId, entityId, tags = [] } = params;
    return this.#tasks
      .values()
      .filter(
        (task) =>
          matches(roomId, task.roomId) &&
          matches(entityId, task.entityId) &&
          tags.every((tag) => task.tags.includes(tag)),
      );
  }

  async getTask(id: UUID): Promise<Task | null> {
    return this.#tasks.get(id) ?? null;
  }

  async getTasksByName(name: string): Promise<Task[]> {
    return this.#tasks.values().filter((task) => task.name === name);
  }

  async updateTask(id: UUID, changes: Partial<Task>): Promise<void> {
    const known = this.#tasks.get(id);
    if (known !== undefined) this.#tasks.set(id, { ...known, ...changes, id });
  }

  async deleteTask(id: UUID): Promise<void> {
    this.#tasks.delete(id);
  }

  #memoryTable(name: string): BoundedMap<UUID, Memory> {
    const known = this.#memoryTables.get(name);
    if (known !== undefined) return known;
    const created = new BoundedMap<UUID, Memory>({ maxEntries: MEMORY_LIMITS.memoriesPerTable });
    this.#memoryTables.set(name, created);
    return created;
  }

  #memoriesIn(tableName: string): Memory[] {
    return this.#memoryTables.get(tableName)?.values() ?? [];
  }
}

function newId(): UUID {
  return crypto.randomUUID();
}

/** An absent wish matches everything. */
function matches<T>(wanted: T | undefined, actual: T | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

function present<T>(values: readonly (T | null | undefined)[]): T[] {
  return values.filter((value): value is T => value !== null && value !== undefined);
}

function answers(memory: Memory, query: MemoryQuery): boolean {
  const createdAt = memory.createdAt ?? 0;
  return (
    matches(query.roomId, memory.roomId) &&
    matches(query.entityId, memory.entityId) &&
    matches(query.agentId, memory.agentId) &&
    matches(query.worldId, memory.worldId) &&
    (query.unique !== true || memory.unique === true) &&
    (query.start === undefined || createdAt >= query.start) &&
    (query.end === undefined || createdAt <= query.end)
  );
}

function newestFirst(a: Memory, b: Memory): number {
  return (b.createdAt ?? 0) - (a.createdAt ?? 0);
}

function relationshipKey(pair: { sourceEntityId: UUID; targetEntityId: UUID }): string {
  return `${pair.sourceEntityId}/${pair.targetEntityId}`;
}
