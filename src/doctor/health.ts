import { accessSync, constants, existsSync, readdirSync, statSync, statfsSync } from "node:fs";
import { isOpenToOthers } from "../storage/files/folders.ts";
import { describe } from "../errors.ts";
import { type Home, agentExists, agentFolder } from "../storage/files/paths.ts";
import { programVersion } from "../version.ts";

/** The result of one check. `advice` says what to do, if anything. */
export type Check = {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly detail: string;
  readonly advice?: string;
  /** The agents concerned; absent if the check is about the installation or the configuration. */
  readonly agents?: readonly string[];
};

export function ok(name: string, detail: string): Check {
  return { name, status: "ok", detail };
}

export function warn(name: string, detail: string, advice: string): Check {
  return { name, status: "warn", detail, advice };
}

export function fail(name: string, detail: string, advice: string): Check {
  return { name, status: "fail", detail, advice };
}

/** The program, Node and the native modules. */
export async function checkInstallation(): Promise<Check[]> {
  const checks = [ok("memgpt", programVersion()), ok("node", process.versions.node)];
  try {
    const { sqliteVersions } = await import("../storage/sqlite/check.ts");
    const { sqlite, betterSqlite3 } = await sqliteVersions();
    checks.push(ok("better-sqlite3", `${betterSqlite3}, SQLite ${sqlite}`));
  } catch (error) {
    checks.push(fail("better-sqlite3", "does not load, so no agent can be opened", describe(error)));
  }
  try {
    const { loadHnsw } = await import("../storage/vectors/hnsw-graph.ts");
    await loadHnsw();
    checks.push(
      ok("hnswlib-node", "installed: large archival memories (over about 20,000 passages) are searched quickly"),
    );
  } catch {
    const advice = "Only very large archival memories need it: npm install hnswlib-node (needs a C++ compiler).";
    checks.push(warn("hnswlib-node", "not installed, which is fine: searches are exact instead", advice));
  }
  return checks;
}

/** The home directory and everything in it except agents. */
export function checkHome(home: Home): Check[] {
  if (!existsSync(home.root))
    return [ok("home", `${home.root} does not exist yet; it is created with the first agent`)];
  return [
    checkFolder(home.root),
    ...checkSpace(home.root),
    ...(existsSync(home.credentialsFile) ? [checkCredentials(home.credentialsFile)] : []),
  ];
}

function checkFolder(root: string): Check {
  try {
    if (!statSync(root).isDirectory()) {
      return fail("home", `${root} is not a folder`, "Move it away, or set MEMGPT_DIR to another folder.");
    }
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return fail("home", describe(error), `Restore your access to ${root}, or set MEMGPT_DIR to another folder.`);
  }
  if (!isOpenToOthers(root)) return ok("home", root);
  return warn("home", `${root}, with all conversations, can be read by other users`, `Run \`chmod 700 ${root}\`.`);
}

/** What an agent needs to go on: a turn, and the copy of its database that forgetting makes, are larger. In bytes. */
const LEAST_SPACE = 20 * 2 ** 20;

function checkSpace(root: string): Check[] {
  let free: number;
  try {
    const { bavail, bsize } = statfsSync(root);
    free = bavail * bsize;
  } catch {
    // Not every file system says.
    return [];
  }
  if (free >= LEAST_SPACE) return [];
  const left = `${(free / 2 ** 20).toFixed(1)} MB`;
  return [
    fail("disk", `the disk with ${root} is full (${left} are left)`, "Make room on it: nothing more can be stored."),
  ];
}

function checkCredentials(file: string): Check {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    return fail("credentials", `${file} is not a file, so no keys are read from it`, "Move it away.");
  if (!isOpenToOthers(file)) return ok("credentials", `${file}, readable by you alone`);
  return fail(
    "credentials",
    `${file} can be read by other users, so its keys are ignored`,
    `Run \`chmod 600 ${file}\`.`,
  );
}

/** The database of every agent, opened read-only: also while agents are in use. */
export async function* checkAgents(home: Home): AsyncGenerator<Check, void, void> {
  for (const name of agentNames(home)) {
    const { database } = agentFolder(home, name);
    const problem = existsSync(database)
      ? await (await import("../storage/sqlite/check.ts")).checkDatabase(database)
      : "its database is missing";
    yield problem === ""
      ? ok(`agent ${name}`, "its database is sound")
      : fail(
          `agent ${name}`,
          problem,
          `Run \`memgpt doctor --repair --agent ${name}\`: it recovers what is readable, from there and from checkpoints, into a new database, ` +
            "reports what is missing, and keeps the old one.",
        );
  }
}

/** Whether the agents' PostgreSQL database answers. Its content is left to PostgreSQL's own tools. */
export async function checkDatabase(
  database: { readonly url: string; vectorEngine(): Promise<string | undefined> },
  listAgents: () => Promise<readonly unknown[]>,
): Promise<Check> {
  try {
    const agents = (await listAgents()).length;
    const engine =
      (await database.vectorEngine()) ?? "this program, one by one, as the server has no pgvector 0.8 or newer";
    return ok("database", `${database.url} answers; agents: ${agents}; vectors are compared by ${engine}`);
  } catch (error) {
    return fail("database", describe(error), "No agent can be opened until it answers.");
  }
}

function agentNames(home: Home): string[] {
  if (!existsSync(home.agents)) return [];
  return readdirSync(home.agents)
    .sort()
    .filter((name) => {
      try {
        return agentExists(agentFolder(home, name));
      } catch {
        // Not an agent's folder.
        return false;
      }
    });
}
