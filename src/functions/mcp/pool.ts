import type { McpServer } from "../../schema/mcp.ts";
import { McpConnection } from "./connection.ts";

/** The connections of one home: one for each server, as long as it stays as it is. */
export class McpPool {
  readonly #connections = new Map<string, { readonly way: string; readonly connection: McpConnection }>();

  to(server: McpServer): McpConnection {
    const { name, tools, ...rest } = server;
    const way = JSON.stringify(rest);
    const known = this.#connections.get(name);
    if (known?.way === way) return known.connection;
    void known?.connection.close();
    const connection = new McpConnection(server);
    this.#connections.set(name, { way, connection });
    return connection;
  }

  async close(): Promise<void> {
    const open = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.all(open.map(({ connection }) => connection.close()));
  }
}
