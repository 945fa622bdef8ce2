import { resolve } from "node:path";
import type { toolsOf } from "../functions/mcp/tools.ts";
import { expectArguments, aText, anObject } from "../agent/expect.ts";
import { MemGPTError, describe, didYouMean } from "../errors.ts";
import { McpConnection } from "../functions/mcp/connection.ts";
import type { McpServer } from "../schema/mcp.ts";
import { changeMcpServers, readMcpServers } from "../settings/mcp-file.ts";
import type { Household } from "./household.ts";

/** How to reach a server: a command to start, or a URL. */
export type McpAddress = {
  readonly command?: readonly string[] | undefined;
  /** Where the command is started (default: the current folder). */
  readonly folder?: string | undefined;
  /** Variables for the command. They may hold keys, and are stored where only the owner can read them. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly url?: string | undefined;
  /** Sent with every request to the URL; stored like `env`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
};

/** How the tools of a server differ from those added, by name. */
export type McpTrial = {
  readonly tools: readonly string[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
};

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

/** Servers that speak the Model Context Protocol, whose tools agents can be given as `mcp:SERVER/TOOL`. */
export class McpServers {
  readonly #house: Household;

  constructor(house: Household) {
    this.#house = house;
  }

  /** The servers that were added. @throws MemGPTError `config_invalid` if the file is damaged. */
  list(): readonly McpServer[] {
    return readMcpServers(this.#house.home);
  }

  /**
   * Connects to a server and stores it with its tools. Replaces one of the same name, whose tools keep their names.
   *
   * @returns the server, and what was left out and why, for a person to read.
   * @throws MemGPTError `invalid_input` for a wrong name or address; `not_found` if the server lists no tools.
   */
  async add(name: string, address: McpAddress): Promise<{ server: McpServer; problems: readonly string[] }> {
    expectArguments({ name: [name, aText], address: [address, anObject] });
    const connectTo = { name, ...checked(name, address) };
    const offered = await this.#ask(connectTo);
    const before = this.list().find((server) => server.name === name)?.tools ?? [];
    const { tools, problems } = await this.#usable(name, offered, before);
    const kept = tools.map((tool) => ({ ...tool, as: before.find((old) => old.name === tool.name)?.as ?? tool.as }));
    const server = { ...connectTo, tools: kept };
    changeMcpServers(this.#house.home, (servers) => [...servers.filter((other) => other.name !== name), server]);
    await (await this.#house.functions()).refresh();
    return { server, problems };
  }

  /**
   * Connects to a server and compares its tools. @throws MemGPTError `not_found` if it was not added or does not
   * answer.
   */
  async test(name: string): Promise<McpTrial> {
    const server = this.#named(name);
    const offered = await this.#ask(server);
    const before = new Map(server.tools.map((tool) => [tool.name, tool]));
    const names = offered.map((tool) => tool.name);
    const changed = offered.filter(({ name: tool, description = "", inputSchema }) => {
      const known = before.get(tool);
      if (known === undefined) return false;
      return known.description !== description || JSON.stringify(known.parameters) !== JSON.stringify(inputSchema);
    });
    // Leaves out the same tools as when the server was added.
    const { tools } = await this.#usable(name, offered, server.tools);
    return {
      tools: names,
      added: tools.map((tool) => tool.name).filter((tool) => !before.has(tool)),
      changed: changed.map((tool) => tool.name),
      removed: [...before.keys()].filter((tool) => !names.includes(tool)),
    };
  }

  /** Removes a server. Agents keep the names of its tools and report them missing. @throws MemGPTError `not_found`. */
  remove(name: string): void {
    this.#named(name);
    changeMcpServers(this.#house.home, (servers) => servers.filter((server) => server.name !== name));
  }

  /** The tools that may be added besides existing functions. `before`: the server's previous tools. */
  async #usable(
    server: string,
    offered: Parameters<typeof toolsOf>[1],
    before: McpServer["tools"],
  ): Promise<ReturnType<typeof toolsOf>> {
    const functions = await this.#house.functions();
    await functions.refresh();
    const own = new Set(before.map(({ as }) => as));
    const others = functions.names.filter((taken) => !own.has(taken));
    return (await import("../functions/mcp/tools.ts")).toolsOf(server, offered, others);
  }

  #named(name: string): McpServer {
    expectArguments({ name: [name, aText] });
    const servers = this.list();
    const found = servers.find((server) => server.name === name);
    if (found !== undefined) return found;
    const names = servers.map((server) => server.name);
    const available = names.length === 0 ? "None was added yet." : `The servers are: ${names.join(", ")}.`;
    throw new MemGPTError("not_found", `No MCP server is named ${name}.${didYouMean(name, names)} ${available}`);
  }

  async #ask(server: Omit<McpServer, "tools">): Promise<Awaited<ReturnType<McpConnection["tools"]>>> {
    const connection = new McpConnection(server);
    try {
      return await connection.tools();
    } catch (cause) {
      const text = describe(cause).replace(/\.$/, "").replace(/^the/, "The");
      throw new MemGPTError("not_found", `${text}. Nothing was changed.`, { cause });
    } finally {
      await connection.close();
    }
  }
}

function checked(name: string, { command, folder, env, url, headers }: McpAddress): Omit<McpServer, "name" | "tools"> {
  const refuse = (text: string): never => {
    throw new MemGPTError("invalid_input", `${text} Nothing was changed.`);
  };
  if (!NAME.test(name)) {
    refuse(
      `${JSON.stringify(name.slice(0, 80))} cannot be the name of an MCP server: use up to 32 letters, digits, _ and -.`,
    );
  }
  if ((url === undefined) === (command === undefined)) refuse("An MCP server has either a command or a URL.");
  if (url === undefined) {
    if (command?.[0] === undefined || command[0] === "") refuse("The command of an MCP server must not be empty.");
    const started = { command: [...(command ?? [])], folder: resolve(folder ?? ".") };
    return { ...started, ...(env === undefined ? {} : { env: { ...env } }) };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    return refuse("The URL of an MCP server must start with http:// or https://.");
  }
  if (parsed.password !== "" || parsed.username !== "") refuse("Keys belong in a header, not in the URL.");
  return { url, ...(headers === undefined ? {} : { headers: { ...headers } }) };
}
