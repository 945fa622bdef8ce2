import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AgentState, Message } from "memgpt";
import { onTestFinished } from "vitest";
import type { EmbeddedPassage } from "../../src/schema/passage.ts";
import type { AgentStore } from "../../src/ports/agent-store.ts";
import type { ActionRef } from "../../src/ports/history.ts";
import { NoticeList } from "../../src/ports/notices.ts";
import { modelOptionsSchema } from "../../src/schema/model-options.ts";
import { SqliteAgentStore, type StoreOptions } from "../../src/storage/sqlite/agent-store.ts";
import { defineDerived } from "../../src/storage/sqlite/derived.ts";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { MIGRATIONS } from "../../src/storage/sqlite/migrations.ts";
import { temporaryFolder } from "../support/agents.ts";

/** Tables whose rows triggers make of those of others, or that belong to an index. */
const FOLLOWING = /^(totals|speakers|passage_toggles|sqlite_.*|.*_fts.*)$/;

/** Puts a database of an older schema, with the same rows, in the place of the closed one at `file`. */
export async function toSchema(version: number, file: string): Promise<void> {
  const older = `${file}.older`;
  const db = new (await loadSqlite())(older);
  defineDerived(db);
  for (const step of MIGRATIONS.slice(0, version)) db.exec(step);
  db.pragma(`user_version = ${version}`);
  db.prepare("ATTACH ? AS newer").run(file);
  const names = db.prepare<[], { name: string }>("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all();
  for (const { name } of names.filter((it) => !FOLLOWING.test(it.name))) {
    const columnsIn = (schema: string): string[] =>
      (db.pragma(`${schema}.table_info(${name})`) as { name: string }[]).map((column) => column.name);
    const newer = columnsIn("newer");
    const columns = columnsIn("main").filter((column) => newer.includes(column));
    const list = columns.join(", ");
    if (columns.length > 0) db.exec(`INSERT INTO main.${name} (${list}) SELECT ${list} FROM newer.${name}`);
  }
  db.close();
  for (const suffix of ["-wal", "-shm"]) rmSync(file + suffix, { force: true });
  renameSync(older, file);
}

/** A time in November 2026, `minute` minutes after its beginning. */
export function at(minute: number): string {
  return new Date(Date.UTC(2026, 10, 1) + minute * 60_000).toISOString();
}

/** A state as the tests change it; nothing in it matters to storage but its shape. */
export function newState(changes: Partial<AgentState> = {}): AgentState {
  return {
    id: "agent-1",
    name: "sam",
    createdAt: at(0),
    settings: {
      model: "practice",
      endpoint: null,
      contextWindow: 8192,
      preset: "memgpt_chat",
      persona: "sam_pov",
      human: "basic",
      embedding: { provider: "hash", model: null, endpoint: null, dimensions: null },
      options: modelOptionsSchema().parse({}),
      keepCheckpoints: 50,
    },
    system: "You are Sam.",
    functions: ["send_message"],
    blocks: [
      { label: "persona", value: "I am Sam.", limit: 2000 },
      { label: "human", value: "First name: Chad", limit: 2000 },
    ],
    queue: [],
    shown: { recall: 0, archival: 0, modifiedAt: at(0) },
    pressure: { alerted: false, calibration: 1 },
    evicted: 0,
    greeted: true,
    heartbeatsPausedUntil: null,
    lastActiveAt: null,
    ...changes,
  };
}

export function userMessage(id: string, text: string, createdAt = at(1)): Message {
  return {
    id,
    createdAt,
    role: "user",
    event: "user_message",
    content: JSON.stringify({ type: "user_message", message: text }),
  };
}

/** What the agent said, and the return of the call it said it with. */
export function reply(id: string, text: string, createdAt = at(1)): Message[] {
  const call = { id: "call_0", name: "send_message", arguments: JSON.stringify({ message: text }) };
  const content = JSON.stringify({ status: "OK", message: "None" });
  return [
    { id, createdAt, role: "assistant", content: "I answer.", calls: [call] },
    { id: `${id}-return`, createdAt, role: "function", callId: call.id, name: call.name, status: "OK", content },
  ];
}

export function passage(id: string, text: string, embedding: readonly number[] | null = null): EmbeddedPassage {
  return {
    id,
    text,
    createdAt: at(1),
    embedding: embedding === null ? null : { model: "test-4", vector: Float32Array.from(embedding) },
  };
}

/** A turn or command of its own. */
export function someAction(label = "test"): ActionRef {
  return { id: crypto.randomUUID(), label };
}

/** Goes to the state after operation `op`. */
export async function revert(store: AgentStore, op: number, cause: string, at: string): Promise<AgentState> {
  return (await store.history.goTo({ op }, someAction(cause), at)).state;
}

const NOTICES = new WeakMap<AgentStore, NoticeList>();

/** What was said to whoever opened the store, each notice once. */
export function noticesOf(store: AgentStore): readonly string[] {
  return NOTICES.get(store)?.all ?? [];
}

/** A store in a temporary folder, closed when the test is over. */
export async function openStore(
  file = join(temporaryFolder(), "agent.db"),
  options: Omit<StoreOptions, "file" | "notify"> = {},
): Promise<SqliteAgentStore> {
  const notices = new NoticeList();
  const store = await SqliteAgentStore.open({ file, notify: notices.add, ...options });
  NOTICES.set(store, notices);
  onTestFinished(() => store.close());
  return store;
}

/** The store after the first action of its agent, as creating an agent commits it. */
export async function created<Store extends AgentStore>(store: Store): Promise<Store> {
  await store.history.commit({
    action: someAction(),
    cause: "create",
    at: at(0),
    state: newState(),
    messages: [],
    passages: [],
  });
  return store;
}

/** The store with one agent whose queue and recall storage hold `messages`. */
export async function filled<Store extends AgentStore>(
  store: Store,
  messages: readonly Message[],
  passages: readonly EmbeddedPassage[] = [],
): Promise<Store> {
  await created(store);
  const state = newState({ queue: [...messages] });
  await store.history.commit({ action: someAction(), cause: "m", at: at(1), state, messages, passages });
  return store;
}

/** A new store with one agent whose queue and recall storage hold `messages`. */
export async function storeWith(
  messages: readonly Message[],
  passages: readonly EmbeddedPassage[] = [],
): Promise<SqliteAgentStore> {
  return filled(await openStore(), messages, passages);
}
