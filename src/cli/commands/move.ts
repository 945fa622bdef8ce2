import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  MemGPT,
  type Moved,
  type MovedAgent,
  type MovedRecords,
  type MovedSource,
  shownDatabase,
} from "../../index.ts";
import { Accounts, type User } from "../../server/house/accounts.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";

/** `memgpt move [NAME|--all] --to WHERE`. */
export async function move(
  names: readonly string[] | "all",
  { to, json = false }: { readonly to: string; readonly json?: boolean },
): Promise<void> {
  const memgpt = await openHome();
  const moved: (Moved & { readonly user?: string })[] = [];
  const { signal, stop } = onInterrupt();
  try {
    for await (const item of memgpt.move(names, { to, signal })) {
      moved.push(item);
      if (!json) print(lineOf(item));
    }
    for (const { id, name } of names === "all" ? await usersOf(memgpt) : []) {
      const theirs = await MemGPT.open({
        dir: join(memgpt.home.root, "users", id),
        settingsDir: memgpt.home.root,
        owner: id,
      });
      try {
        for await (const item of theirs.move("all", { to: to.includes("://") ? to : join(to, "users", id), signal })) {
          moved.push({ ...item, user: name });
          if (!json) print(`${name}: ${lineOf(item)}`);
        }
      } finally {
        await theirs.close();
      }
    }
  } finally {
    stop();
    await memgpt.close();
  }
  const where = to.includes("://") ? shownDatabase(to) : to;
  const agents = moved.filter((item) => "name" in item);
  const sources = moved.filter((item) => "source" in item);
  const records = moved.filter((item) => "book" in item);
  if (json) process.stdout.write(`${jsonText({ to: where, agents, sources, records }, 2)}\n`);
  else for (const text of afterwards(memgpt, { to, where })) print(text);
}

/** The users of a server, each of whom has agents of their own, but for the person whose home it is. */
async function usersOf(memgpt: MemGPT): Promise<readonly User[]> {
  const accounts = new Accounts(memgpt.records("accounts"));
  await accounts.refresh();
  // The first one is that person.
  const [, ...users] = accounts.users();
  const hasHome = ({ id }: User): boolean => existsSync(join(memgpt.home.root, "users", id));
  return memgpt.database === undefined ? users.filter(hasHome) : users;
}

function lineOf(item: Moved): string {
  return "name" in item ? agentLine(item) : "source" in item ? sourceLine(item) : recordsLine(item);
}

function agentLine({ name, outcome, messages, passages, operations, checkpoints, unreadable }: MovedAgent): string {
  const counts = [
    counted(messages, "message"),
    counted(passages, "passage"),
    counted(operations, "journal operation"),
    counted(checkpoints, "checkpoint"),
  ];
  const left = unreadable === 0 ? "" : `; ${counted(unreadable, "unreadable checkpoint")} stayed behind`;
  return `${name} ${DONE[outcome]}: ${counts.join(", ")}${left}`;
}

const DONE = { moved: "moved and verified", present: "is there already and the same" } as const;

function sourceLine({ source, outcome, documents, passages }: MovedSource): string {
  return `source ${source} ${DONE[outcome]}: ${counted(documents, "document")}, ${counted(passages, "passage")}`;
}

const BOOKS: Readonly<Record<string, string>> = {
  blocks: "shared blocks",
  records: "the server's other records",
  accounts: "users and keys",
};

function recordsLine({ book, moved, present }: MovedRecords): string {
  const kept = present === 0 ? "" : `; ${counted(present, "record")} already there, unchanged`;
  return `${BOOKS[book] ?? book}: ${counted(moved, "record")} moved${kept}`;
}

function afterwards(memgpt: MemGPT, { to, where }: { readonly to: string; readonly where: string }): string[] {
  const { home, database } = memgpt;
  const stays = `Presets, functions, MCP servers and settings are not moved; they stay in ${home.root}`;
  if (database === undefined) {
    return [
      `The originals in ${home.root} are unchanged. To delete an agent, remove its folder: ${join(home.agents, "NAME")}`,
      `To use the agents where they are now: memgpt configure set database ${where}`,
      stays,
    ];
  }
  return [
    `The originals in ${database.url} are unchanged. To delete one: memgpt delete agent NAME --database ${database.url}`,
    `To use the agents where they are now: memgpt configure set database --unset, with MEMGPT_DIR=${to}`,
    stays,
  ];
}
