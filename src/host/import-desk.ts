import { aFlag, aFunction, aSignal, aText, anObject, expectArguments, optionsOf } from "../agent/expect.ts";
import type { FoundMemory } from "../imports/plan.ts";
import type { FoundAgents, FoundImport } from "./find-import.ts";
import type { Household } from "./household.ts";
import type { ImportOptions, ImportReport } from "./import.ts";
import type { ServerImportOptions } from "./old-server.ts";

// Loaded with the first export to read.
const finding = () => import("./find-import.ts");

const importOptions = optionsOf<ImportOptions>({
  agent: aText,
  signal: aSignal,
  onProgress: aFunction,
  withHistory: aFlag,
});
const serverOptions = optionsOf<ServerImportOptions>({ token: aText, signal: aSignal });

/** Imports the memory of other agents and assistants. */
export class Imports {
  readonly #house: Household;

  constructor(house: Household) {
    this.#house = house;
  }

  /**
   * Reads an export of memgpt, ChatGPT or Claude (also in its zip, or the folder with its conversations) or Mem0, an agent
   * file (.af), JSON lines of `{role, content, time}`, or the graph of the MCP memory server. Changes nothing.
   *
   * @throws MemGPTError `not_found`; `invalid_input`, naming place and reason, for what cannot be read.
   */
  async find(file: string): Promise<FoundImport> {
    expectArguments({ file: [file, aText] });
    return (await finding()).findImport(file);
  }

  /** As `find`, for a text. `name` is its name in errors. */
  async read(text: string, name: string): Promise<FoundImport> {
    expectArguments({ text: [text, aText], name: [name, aText] });
    return (await finding()).readFound(text, name);
  }

  /**
   * Reads the agents of a Letta or memgpt server: blocks, messages, passages. Changes nothing. Reports agents that
   * cannot be read completely in `unread`.
   *
   * @throws MemGPTError `invalid_input` if `url` is not a web address; `server_unavailable` if its agents cannot be
   *   listed; `interrupted`.
   */
  async findOnServer(url: string, options: ServerImportOptions = {}): Promise<FoundAgents> {
    expectArguments({ url: [url, aText], options: [options, serverOptions] });
    return (await import("./old-server.ts")).findOnServer(url, options);
  }

  /**
   * Reads the agents in a database of MemGPT 0.3, `sqlite.db`, which is opened read-only.
   *
   * @throws MemGPTError `invalid_input` if it is not such a database.
   */
  async findInDatabase(file: string): Promise<FoundAgents> {
    expectArguments({ file: [file, aText] });
    return (await finding()).findInDatabase(file);
  }

  /** The default name of the agent to import into. */
  async suggestedAgent(found: FoundImport, memory: FoundMemory): Promise<string> {
    expectArguments({ found: [found, anObject], memory: [memory, anObject] });
    return (await finding()).suggestedAgent(found, memory);
  }

  /**
   * Adds what was found to an agent, in one commit that one undo reverts. A new agent also gets the blocks; an existing
   * one only the messages and passages that it does not have, so that importing twice adds nothing twice.
   *
   * @throws MemGPTError `invalid_name`, `agent_locked`; `interrupted` if `signal` is aborted.
   */
  async add(found: FoundImport, memory: FoundMemory, options: ImportOptions = {}): Promise<ImportReport> {
    expectArguments({ found: [found, anObject], memory: [memory, anObject], options: [options, importOptions] });
    return (await import("./import.ts")).importMemory(this.#house, found, memory, options);
  }
}
