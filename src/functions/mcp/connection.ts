import { existsSync } from "node:fs";
import type { Client } from "@modelcontextprotocol/client";
import type { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { failureOf } from "./failure.ts";
import type { McpServer } from "../../schema/mcp.ts";
import { boundedFetch } from "./bounded-fetch.ts";

/** A tool as its server describes it. */
export type OfferedTool = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
};

export type McpLimits = { readonly connectMs: number; readonly callMs: number; readonly mostBytes: number };
/** The first start of a server may download it. */
const LIMITS: McpLimits = { connectMs: 60_000, callMs: 60_000, mostBytes: 4_000_000 };

/** Most characters of a server's standard error that an error repeats. */
const MOST_COMPLAINT = 300;

type Opened = {
  readonly client: Client;
  readonly tools: ReadonlyMap<string, OfferedTool>;
  readonly isOpen: () => boolean;
};

/**
 * The connection to one server, opened with the first call. Any failure closes it, and the next call opens it again.
 */
export class McpConnection {
  readonly #server: Pick<McpServer, "name" | "command" | "folder" | "env" | "url" | "headers">;
  readonly #limits: McpLimits;
  #opened: Promise<Opened> | undefined;
  #complaint = "";

  constructor(
    server: Pick<McpServer, "name" | "command" | "folder" | "env" | "url" | "headers">,
    limits: Partial<McpLimits> = {},
  ) {
    this.#server = server;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** @throws Error that names the server and what went wrong. */
  async tools(): Promise<readonly OfferedTool[]> {
    return this.#with(async ({ tools }) => [...tools.values()]);
  }

  /**
   * Calls a tool, unless its definition has changed since a person agreed to it.
   *
   * @returns the server's answer, unchecked. @throws Error that names the server and what went wrong.
   */
  async call(tool: OfferedTool, args: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
    return this.#with(async ({ client, tools }) => {
      const offered = tools.get(tool.name);
      if (offered === undefined) throw new ToolError(`it no longer has the tool ${tool.name}`);
      if (!isSame(offered, tool)) {
        throw new ToolError(
          `the tool ${tool.name} has changed since it was added; the person can add the server again`,
        );
      }
      const { callMs } = this.#limits;
      const options = { timeout: callMs, maxTotalTimeout: callMs, ...(signal === undefined ? {} : { signal }) };
      return client.callTool({ name: tool.name, arguments: args }, options);
    });
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.then(({ client }) => client.close()).catch(() => undefined);
  }

  async #with<T>(use: (opened: Opened) => Promise<T>): Promise<T> {
    try {
      const opened = await (this.#opened ??= this.#open());
      if (opened.isOpen()) return await use(opened);
      // The server ended since the last call.
      return await use(await (this.#opened = this.#open()));
    } catch (error) {
      if (!(error instanceof ToolError) && !isAnswer(error)) await this.close();
      const complaint = this.#complaint === "" ? "" : ` (it wrote: ${this.#complaint.trim().slice(-MOST_COMPLAINT)})`;
      throw new Error(`the MCP server ${this.#server.name}: ${failureOf(error)}${complaint}`, { cause: error });
    }
  }

  async #open(): Promise<Opened> {
    const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
    const { connectMs: timeout, mostBytes } = this.#limits;
    const { url, headers = {} } = this.#server;
    const client = new Client({ name: "memgpt", version: "1" });
    let isOpen = true;
    client.onclose = () => {
      isOpen = false;
    };
    try {
      const transport =
        url === undefined
          ? await this.#process()
          : new StreamableHTTPClientTransport(new URL(url), {
              requestInit: { headers },
              fetch: boundedFetch(mostBytes),
            });
      await client.connect(transport, { timeout, maxTotalTimeout: timeout });
      const { tools } = await client.listTools(undefined, { timeout, maxTotalTimeout: timeout });
      return { client, tools: new Map(tools.map((tool) => [tool.name, tool])), isOpen: () => isOpen };
    } catch (error) {
      await client.close().catch(() => undefined);
      throw error;
    }
  }

  /** Starts a local server. It gets only harmless environment variables, and those set for it. */
  async #process(): Promise<StdioClientTransport> {
    const { StdioClientTransport: Transport, getDefaultEnvironment } =
      await import("@modelcontextprotocol/client/stdio");
    const { command: [command = "", ...args] = [], folder, env = {} } = this.#server;
    if (folder !== undefined && !existsSync(folder)) throw new Error(`its folder ${folder} is gone; add it again`);
    const transport = new Transport({
      command,
      args,
      ...(folder === undefined ? {} : { cwd: folder }),
      env: { ...getDefaultEnvironment(), ...env },
      stderr: "pipe",
      maxBufferSize: this.#limits.mostBytes,
    });
    this.#complaint = "";
    transport.stderr?.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString("utf8")).slice(-MOST_COMPLAINT);
    });
    return transport;
  }
}

/** A problem with a call rather than with the connection. */
class ToolError extends Error {}

/** Whether the error is an answer of the server, such as a refusal. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}

function isSame(a: OfferedTool, b: OfferedTool): boolean {
  return (
    (a.description ?? "") === (b.description ?? "") && JSON.stringify(a.inputSchema) === JSON.stringify(b.inputSchema)
  );
}
