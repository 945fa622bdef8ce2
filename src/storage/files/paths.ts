import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { MemGPTError } from "../../errors.ts";

/** The layout of one home directory. Everything memgpt writes is below `root`. */
export type Home = {
  readonly root: string;
  readonly agents: string;
  readonly sources: string;
  readonly presets: string;
  readonly personas: string;
  readonly humans: string;
  /** Functions of the person's own. */
  readonly functions: string;
  /** Blocks that several agents have. */
  readonly blocksFile: string;
  /** MCP servers and their tools. */
  readonly mcpFile: string;
  readonly configFile: string;
  readonly credentialsFile: string;
  /** What was found out about servers and models. */
  readonly quirksFile: string;
  readonly historyFile: string;
  /** Where backups were written. */
  readonly backupsFile: string;
};

/** The home at `directory`, or where `MEMGPT_DIR` says, or `~/.memgpt`. */
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
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}

/** What one agent has on disk. Removing the folder is deletion. */
export type AgentFolder = {
  readonly name: string;
  readonly root: string;
  readonly database: string;
  readonly lock: string;
  readonly checkpoints: string;
  /** What is being forgotten: there until nothing of it is left to do. */
  readonly forgetOrder: string;
};

/** @throws MemGPTError `invalid_name`. */
export function agentFolder(home: Home, name: string): AgentFolder {
  const checked = checkName(name, "agent");
  return agentFolderAt(join(home.agents, checked), checked);
}

/** What one source has on disk. Removing the folder is deletion. */
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

/** The folder of an agent of that name, wherever it is. */
export function agentFolderAt(root: string, name: string): AgentFolder {
  return {
    name,
    root,
    database: join(root, "agent.db"),
    lock: join(root, "agent.lock"),
    checkpoints: join(root, "agent_state"),
    forgetOrder: join(root, "forgetting.json"),
  };
}

const MOST_CHARACTERS = 64;

/** Device names that Windows reserves in every folder, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/**
 * `name`, if it may name a file or folder of ours on every system, in the one form that Unicode has for what looks the
 * same.
 *
 * @throws MemGPTError `invalid_name`, saying what a name may be.
 */
export function checkName(name: string, kind: string): string {
  const allowed =
    /^[\p{L}\p{M}\p{N}_-][\p{L}\p{M}\p{N} ._-]*$/u.test(name) &&
    name.length <= MOST_CHARACTERS &&
    !/[ .]$/.test(name) &&
    !RESERVED.test(name);
  if (allowed) return name.normalize("NFC");
  throw new MemGPTError(
    "invalid_name",
    `${quoted(name.slice(0, 80))} cannot be the name of ${kind === "agent" ? "an" : "a"} ${kind}: use letters, digits, space, _, - and . ` +
      `(at most ${MOST_CHARACTERS}, not beginning or ending with a dot or space, and no name that Windows reserves).`,
  );
}

/** In quotes, with what cannot be seen made visible. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether there is an agent. */
export function agentExists(folder: AgentFolder): boolean {
  return existsSync(folder.database) || existsSync(folder.checkpoints);
}
