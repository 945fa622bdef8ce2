import type { McpServer } from "../../schema/mcp.ts";
import { McpConnection } from "./connection.ts";

/** The connections of one home: one per server, replaced when the server's settings change. */
export class McpPool {
  readonly #connections = new Map<string, { readonly settings: string; readonly connection: McpConnection }>();

  to(server: McpServer): McpConnection {
    const { name, tools, ...rest } = server;
    const settings = JSON.stringify(rest);
    const known = this.#connections.get(name);
    if (known?.settings === settings) return known.connection;
    void known?.connection.close();
    const connection = new McpConnection(server);
    this.#connections.set(name, { settings, connection });
    return connection;
  }

  async close(): Promise<void> {
    const open = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.all(open.map(({ connection }) => connection.close()));
  }
}
