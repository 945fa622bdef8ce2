import { shownName } from "../../schema/hidden-name.ts";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { MemGPTError } from "../../errors.ts";

/** The layout of one home directory. Everything memgpt writes is below `root`. */
export type Home = {
  readonly root: string;
  readonly agents: string;
  readonly sources: string;
  readonly presets: string;
  readonly personas: string;
  readonly humans: string;
  /** The person's own functions. */
  readonly functions: string;
  /** Blocks that agents share. */
  readonly blocksFile: string;
  /** MCP servers and their tools. */
  readonly mcpFile: string;
  readonly configFile: string;
  readonly credentialsFile: string;
  /** Known facts about servers and models. */
  readonly quirksFile: string;
  readonly historyFile: string;
  /** Paths of the backups written so far. */
  readonly backupsFile: string;
  /** The server's records. */
  readonly serverFile: string;
};

/** The home at `directory`, else at `MEMGPT_DIR`, else at `~/.memgpt`. */
export function homeAt(directory?: string, env: NodeJS.ProcessEnv = process.env): Home {
  const root = resolve(directory ?? nonEmpty(env["MEMGPT_DIR"]) ?? join(homedir(), ".memgpt"));
  return {
    root,
    agents: join(root, "agents"),
    sources: join(root, "sources"),
    presets: join(root, "presets"),
    personas: join(root, "personas"),
    humans: join(root, "humans"),
    functions: join(root, "functions"),
    blocksFile: join(root, "blocks.jsonl"),
    mcpFile: join(root, "mcp.json"),
    configFile: join(root, "config.json"),
    credentialsFile: join(root, "credentials.json"),
    quirksFile: join(root, "models.json"),
    historyFile: join(root, "history.jsonl"),
    backupsFile: join(root, "backups.json"),
    serverFile: join(root, "server", "records.jsonl"),
  };
}

/** The file of the book of records of that name. */
export function recordsFile({ root, blocksFile }: Home, book: string): string {
  return book === "blocks" ? blocksFile : join(root, "server", `${book}.jsonl`);
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}

/** One agent on disk. Removing the folder deletes the agent. */
export type AgentFolder = {
  readonly name: string;
  readonly root: string;
  readonly database: string;
  readonly lock: string;
  readonly checkpoints: string;
  /** The order to forget that is being carried out; removed when it is complete. */
  readonly forgetOrder: string;
  /** Orders from agents that share a block with this one, a file each. */
  readonly sharedForgetting: string;
  /** There while the agent has something left to forget, for whoever opens another agent beside it. */
  readonly unfinished: string;
};

/** @throws MemGPTError `invalid_name`. */
export function agentFolder(home: Home, name: string): AgentFolder {
  const checked = checkName(name, "agent");
  return agentFolderAt(join(home.agents, checked), checked);
}

/** One source on disk. Removing the folder deletes the source. */
export type SourceFolder = {
  readonly name: string;
  readonly root: string;
  readonly database: string;
  readonly lock: string;
};

/** @throws MemGPTError `invalid_name`. */
export function sourceFolder(home: Home, name: string): SourceFolder {
  const checked = checkName(name, "source");
  const root = join(home.sources, checked);
  return { name: checked, root, database: join(root, "source.db"), lock: join(root, "source.lock") };
}

/** An agent's folder at any path. */
export function agentFolderAt(root: string, name: string): AgentFolder {
  return {
    name,
    root,
    database: join(root, "agent.db"),
    lock: join(root, "agent.lock"),
    checkpoints: join(root, "agent_state"),
    forgetOrder: join(root, "forgetting.json"),
    sharedForgetting: join(root, "forgetting"),
    unfinished: join(dirname(root), ".forgetting", basename(root)),
  };
}

const MOST_CHARACTERS = 64;

/** Device names that Windows reserves in every folder, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/**
 * Returns `name` in Unicode's NFC form if it is a valid file name on every system.
 *
 * @throws MemGPTError `invalid_name`, saying what a name may contain.
 */
export function checkName(name: string, kind: string): string {
  const base = kind === "agent" ? shownName(name) : name;
  const allowed =
    // Most names match this, so the Unicode pattern need not be compiled.
    (/^[\w-][\w ._-]*$/.test(base) || /^[\p{L}\p{M}\p{N}_-][\p{L}\p{M}\p{N} ._-]*$/u.test(base)) &&
    name.length <= MOST_CHARACTERS &&
    !/[ .]$/.test(base) &&
    !RESERVED.test(base);
  if (allowed) return name.normalize("NFC");
  throw new MemGPTError(
    "invalid_name",
    `${quoted(name.slice(0, 80))} cannot be the name of ${kind === "agent" ? "an" : "a"} ${kind}: use letters, digits, space, _, - and . ` +
      `(at most ${MOST_CHARACTERS}, not beginning or ending with a dot or space, and no name that Windows reserves).`,
  );
}

/** Quotes a text, with invisible characters escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether the folder holds an agent. */
export function agentExists(folder: AgentFolder): boolean {
  return existsSync(folder.database) || existsSync(folder.checkpoints);
}
