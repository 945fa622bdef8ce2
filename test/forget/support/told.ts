import { appendFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Agent } from "memgpt";
import type { ScriptedAnswer } from "memgpt/testing";
import type { Database } from "../../../src/storage/postgres/database.ts";
import { collect } from "../../support/agents.ts";

export const SECRET = "Zanzibar 'Café' 9131";
export const FIRST = { page: 0, size: 10 };

export const noting: ScriptedAnswer = {
  calls: [
    { call: "core_memory_append", args: { name: "human", content: `Likes tea.\nLived in ${SECRET}. Has a dog.` } },
    { call: "archival_memory_insert", args: { content: `The person once lived in ${SECRET}.` } },
    { call: "send_message", args: { message: `${SECRET} it is.` } },
  ],
};
export const tea: ScriptedAnswer = { call: "send_message", args: { message: "Tea, then." } };

/** The scripted answers to what `tell` says. */
export const answers: readonly ScriptedAnswer[] = [
  tea,
  noting,
  { call: "archival_memory_search", args: { query: "lived", request_heartbeat: true } },
  tea,
  noting,
];

/** Tells the agent the secret, lets it search for it, tells it again and undoes that. It knows something else besides. */
export async function tell(agent: Agent, historyFile: string): Promise<void> {
  await collect(agent.send("I like tea."));
  await collect(agent.send(`I used to live in ${SECRET}.`));
  await agent.checkpoint("told");
  await collect(agent.send("Where did I live?"));
  await collect(agent.send(`As I said, ${SECRET}.`));
  await agent.undo();
  await agent.editBlock("human", `${blockOf(agent)}\n${SECRET} was cold.`);
  await agent.embedSaid();
  await agent.save();
  const typed = [
    { agent: agent.state.id, text: `I used to live in ${SECRET}.` },
    { agent: agent.state.id, text: "tea" },
  ];
  appendFileSync(historyFile, typed.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

export function blockOf({ state }: Agent): string {
  return state.blocks.find(({ label }) => label === "human")?.value ?? "";
}

/** The files below a folder that hold a word, in any encoding that it might be written in. */
export function filesSaying(word: string, folder: string): string[] {
  const wide = Buffer.from(word, "utf16le");
  const forms = [Buffer.from(word), Buffer.from(word.toLowerCase()), wide, Buffer.from(wide).swap16()];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => forms.some((form) => readFileSync(file).includes(form)));
}

/** The tables of a database that say a word somewhere, in any case of letters. */
export async function tablesSaying(word: string, database: Database): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    "SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = 'public'",
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query(`SELECT 1 FROM ${name} t WHERE t::text ILIKE '%${word}%' LIMIT 1`);
    if (rows.length > 0) found.push(name);
  }
  return found;
}
