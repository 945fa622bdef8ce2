import { join } from "node:path";
import Sqlite from "better-sqlite3";

const packed = (type: string, message?: string): string =>
  JSON.stringify({ type, message, time: "2024-05-01 10:00:00" });
const sent = (message: string): string =>
  JSON.stringify([
    { id: "call", type: "function", function: { name: "send_message", arguments: JSON.stringify({ message }) } },
  ]);

export type OldAgent = { id: string; name: string; state: object | string; system?: string };

/** Writes `sqlite.db` with the tables of MemGPT 0.3; every agent said the same. @returns where it is. */
export function originalDatabase(folder: string, agents: readonly OldAgent[]): string {
  const file = join(folder, "sqlite.db");
  const db = new Sqlite(file);
  db.exec(`
    CREATE TABLE agents (id TEXT PRIMARY KEY, user_id TEXT, name TEXT, state JSON, system TEXT, created_at DATETIME);
    CREATE TABLE memgpt_recall_memory_agent (id TEXT PRIMARY KEY, user_id TEXT, agent_id TEXT, text TEXT, role TEXT,
      model TEXT, name TEXT, tool_calls JSON, tool_call_id TEXT, embedding BLOB, created_at DATETIME);
    CREATE TABLE memgpt_archival_memory_agent (id TEXT PRIMARY KEY, user_id TEXT, text TEXT, agent_id TEXT,
      embedding BLOB, created_at DATETIME);`);
  const agent = db.prepare("INSERT INTO agents (id, name, state, system) VALUES (?, ?, ?, ?)");
  const message = db.prepare(
    "INSERT INTO memgpt_recall_memory_agent (id, agent_id, role, text, tool_calls, created_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  for (const { id, name, state, system = null } of agents) {
    agent.run(id, name, typeof state === "string" ? state : JSON.stringify(state), system);
    const rows = [
      ["system", "You are MemGPT.", null],
      ["assistant", "Bootup sequence complete.", sent("More human than human is our motto.")],
      ["tool", packed("function_response"), null],
      ["user", packed("login"), null],
      ["user", packed("user_message", "I moved to Oslo."), null],
      ["assistant", "They moved.", sent("How is Oslo?")],
    ] as const;
    for (const [index, [role, text, calls]] of rows.entries()) {
      message.run(`${id}-${index}`, id, role, text, calls, `2024-05-01 10:00:0${index}.000000`);
    }
    const passage = "INSERT INTO memgpt_archival_memory_agent (id, agent_id, text, created_at) VALUES (?, ?, ?, ?)";
    db.prepare(passage).run(`${id}-p`, id, `${name} likes tea.`, "2024-05-01 11:00:00.000000");
  }
  db.close();
  return file;
}
