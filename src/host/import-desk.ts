import { aFlag, aFunction, aSignal, aText, anObject, expectArguments, optionsOf } from "../agent/expect.ts";
import type { FoundMemory } from "../imports/plan.ts";
import type { Household } from "./household.ts";
import type { FoundAgents, FoundImport, ImportOptions, ImportReport } from "./import.ts";
import type { ServerImportOptions } from "./old-server.ts";

// What reads exports is loaded with the first of them.
const importing = () => import("./import.ts");

const importOptions = optionsOf<ImportOptions>({
  agent: aText,
  signal: aSignal,
  onProgress: aFunction,
  withHistory: aFlag,
});
const serverOptions = optionsOf<ServerImportOptions>({ token: aText, signal: aSignal });

/** Brings along what agents and assistants elsewhere remember. */
export class Imports {
  readonly #house: Household;

  constructor(house: Household) {
    this.#house = house;
  }

  /**
   * Looks at an export: of memgpt, ChatGPT (also in its zip), Claude or Mem0, an agent file (.af), JSON lines of
   * `{role, content, time}`, or the graph of the MCP memory server. Changes nothing.
   *
   * @throws MemGPTError `not_found`; `invalid_input`, naming place and reason, for what cannot be read.
   */
  async find(file: string): Promise<FoundImport> {
    expectArguments({ file: [file, aText] });
    return (await importing()).findImport(file);
  }

  /** As `find`, of a text. `name`: how errors name it. */
  async read(text: string, name: string): Promise<FoundImport> {
    expectArguments({ text: [text, aText], name: [name, aText] });
    return (await importing()).readFound(text, name);
  }

  /**
   * Looks at the agents of a Letta server, or of a memgpt server: blocks, what was said, passages. Changes nothing. An agent that
   * cannot be read whole is reported in `unread`.
   *
   * @throws MemGPTError `invalid_input` for no web address; `server_unavailable` if its agents cannot be listed; `interrupted`.
   */
  async findOnServer(url: string, options: ServerImportOptions = {}): Promise<FoundAgents> {
    expectArguments({ url: [url, aText], options: [options, serverOptions] });
    return (await import("./old-server.ts")).findOnServer(url, options);
  }

  /**
   * Looks at the agents of a database of MemGPT 0.3, `sqlite.db`, which is opened for reading only.
   *
   * @throws MemGPTError `invalid_input` if it is not such a database.
   */
  async findInDatabase(file: string): Promise<FoundAgents> {
    expectArguments({ file: [file, aText] });
    return (await importing()).findInDatabase(file);
  }

  /** The name of the agent that something is imported into, if none is chosen. */
  async suggestedAgent(found: FoundImport, memory: FoundMemory): Promise<string> {
    expectArguments({ found: [found, anObject], memory: [memory, anObject] });
    return (await importing()).suggestedAgent(found, memory);
  }

  /**
   * Gives an agent what was found, in one commit that one undo takes back. A new agent is made with the blocks that it had;
   * one that exists is given the messages and passages that it does not have: importing twice adds nothing twice.
   *
   * @throws MemGPTError `invalid_name`, `agent_locked`; `interrupted` if `signal` is aborted.
   */
  async add(found: FoundImport, memory: FoundMemory, options: ImportOptions = {}): Promise<ImportReport> {
    expectArguments({ found: [found, anObject], memory: [memory, anObject], options: [options, importOptions] });
    return (await importing()).importMemory(this.#house, found, memory, options);
  }
}
