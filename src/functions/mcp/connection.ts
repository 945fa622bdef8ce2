import type { Client } from "@modelcontextprotocol/client";
import type { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe } from "../../errors.ts";
import type { McpServer } from "../../schema/mcp.ts";
import { boundedFetch } from "./bounded-fetch.ts";

/** A tool as its server describes it. */
export type OfferedTool = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: Readonly<Record<string, unknown>>;
};

export type McpLimits = { readonly connectMs: number; readonly callMs: number; readonly mostBytes: number };
const LIMITS: McpLimits = { connectMs: 20_000, callMs: 60_000, mostBytes: 4_000_000 };

/** Characters of what a server wrote to standard error that an error repeats. */
const MOST_COMPLAINT = 300;

type Opened = {
  readonly client: Client;
  readonly tools: ReadonlyMap<string, OfferedTool>;
  readonly isOpen: () => boolean;
};

/**
 * The way to one server, which is started with the first call. Whatever goes wrong ends it, and the next call starts it again.
 */
export class McpConnection {
  readonly #server: Pick<McpServer, "name" | "command" | "env" | "url" | "headers">;
  readonly #limits: McpLimits;
  #opened: Promise<Opened> | undefined;
  #complaint = "";

  constructor(
    server: Pick<McpServer, "name" | "command" | "env" | "url" | "headers">,
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
   * Calls a tool, unless it has changed: what a person agreed to is what is called.
   *
   * @returns what the server answered, unchecked. @throws Error that names the server and what went wrong.
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
      // It died since the last call.
      return await use(await (this.#opened = this.#open()));
    } catch (error) {
      if (!(error instanceof ToolError) && !isAnswer(error)) await this.close();
      const complaint = this.#complaint === "" ? "" : ` (it wrote: ${this.#complaint.trim().slice(-MOST_COMPLAINT)})`;
      throw new Error(`the MCP server ${this.#server.name}: ${describe(error)}${complaint}`, { cause: error });
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

  /** A server that runs beside this program. It gets the environment that everybody may see, and what was set for it. */
  async #process(): Promise<StdioClientTransport> {
    const { StdioClientTransport: Transport, getDefaultEnvironment } =
      await import("@modelcontextprotocol/client/stdio");
    const { command: [command = "", ...args] = [], env = {} } = this.#server;
    const transport = new Transport({
      command,
      args,
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

/** What is wrong with a call, and not with the connection. */
class ToolError extends Error {}

/** Whether the server answered, if only that it refuses. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}

function isSame(a: OfferedTool, b: OfferedTool): boolean {
  return (
    (a.description ?? "") === (b.description ?? "") && JSON.stringify(a.inputSchema) === JSON.stringify(b.inputSchema)
  );
}
