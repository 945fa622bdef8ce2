import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { isOpenToOthers } from "../storage/files/folders.ts";
import { describe } from "../errors.ts";
import { type Home, agentExists, agentFolder } from "../storage/files/paths.ts";
import { programVersion } from "../version.ts";

/** One thing that was looked at. `advice` is what to do, where something is to be done. */
export type Check = {
  readonly name: string;
  readonly status: "ok" | "warn" | "fail";
  readonly detail: string;
  readonly advice?: string;
  /** The agents that it is about, if it is not about everything or what is configured. */
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
    checks.push(fail("better-sqlite3", "does not load, so that no agent can be opened", describe(error)));
  }
  try {
    const { loadHnsw } = await import("../storage/vectors/hnsw-graph.ts");
    await loadHnsw();
    checks.push(ok("hnswlib-node", "there: archival memory of more than some 20,000 passages is searched quickly"));
  } catch {
    const advice = "Only very large archival memories need it: npm install hnswlib-node (wants a C++ compiler).";
    checks.push(warn("hnswlib-node", "not there, which is fine: searches are exact instead", advice));
  }
  return checks;
}

/** The home directory and what is in it but agents. */
export function checkHome(home: Home): Check[] {
  if (!existsSync(home.root)) return [ok("home", `${home.root} is made when there is something to keep`)];
  return [
    checkFolder(home.root),
    ...(existsSync(home.credentialsFile) ? [checkCredentials(home.credentialsFile)] : []),
  ];
}

function checkFolder(root: string): Check {
  try {
    if (!statSync(root).isDirectory()) {
      return fail("home", `${root} is not a folder`, "Move it away, or set MEMGPT_DIR to another place.");
    }
    accessSync(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return fail("home", describe(error), `Make ${root} yours again, or set MEMGPT_DIR to another place.`);
  }
  if (!isOpenToOthers(root)) return ok("home", root);
  return warn("home", `${root} can be read by others, conversations included`, `Run \`chmod 700 ${root}\`.`);
}

function checkCredentials(file: string): Check {
  if (!isOpenToOthers(file)) return ok("credentials", `${file}, for your eyes only`);
  return fail("credentials", `${file} can be read by others, so its keys are not used`, `Run \`chmod 600 ${file}\`.`);
}

/** The database of every agent, read only: agents in use too. */
export async function* checkAgents(home: Home): AsyncGenerator<Check, void, void> {
  for (const name of agentNames(home)) {
    const { database } = agentFolder(home, name);
    const problem = existsSync(database)
      ? await (await import("../storage/sqlite/check.ts")).checkDatabase(database)
      : "there is no database";
    yield problem === ""
      ? ok(`agent ${name}`, "its database is whole")
      : fail(
          `agent ${name}`,
          problem,
          `Run \`memgpt doctor --repair --agent ${name}\`: it brings what can be read, there and in checkpoints, into a new database, ` +
            "says what is missing, and keeps the old one.",
        );
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
        // A folder that somebody else put there.
        return false;
      }
    });
}
