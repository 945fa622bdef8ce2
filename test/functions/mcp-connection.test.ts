import { once } from "node:events";
import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { McpConnection } from "../../src/functions/mcp/connection.ts";

/** A server on loopback. @returns its URL. */
async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

test("a server that redirects elsewhere is not followed, because its headers may hold a key", async () => {
  const reached: string[] = [];
  const other = await listening((request, response) => {
    reached.push(String(request.headers["x-key"]));
    response.writeHead(404).end();
  });
  const url = await listening((_, response) => response.writeHead(307, { location: other }).end());
  const connection = new McpConnection({ name: "h", url, headers: { "x-key": "secret" } }, { connectMs: 10_000 });

  await expect(connection.tools()).rejects.toThrow("the MCP server h: ");

  expect(reached).toEqual([]);
});

test("an answer that is too long is not read to its end", async () => {
  const url = await listening((_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify("x".repeat(300_000)));
  });
  const connection = new McpConnection({ name: "h", url }, { connectMs: 10_000, mostBytes: 100_000 });

  await expect(connection.tools()).rejects.toThrow("it sent more than 100000 bytes");
});

test("a server that is started gets only harmless variables of the environment", async () => {
  process.env["KEY_OF_THE_TEST"] = "zanzibar";
  onTestFinished(() => {
    delete process.env["KEY_OF_THE_TEST"];
  });
  const everything = "../../node_modules/@modelcontextprotocol/server-everything/dist/index.js";
  const command = [process.execPath, fileURLToPath(new URL(everything, import.meta.url)), "stdio"];
  const connection = new McpConnection({ name: "every", command });
  onTestFinished(() => connection.close());

  const tool = (await connection.tools()).find(({ name }) => /env/i.test(name));
  const shown = JSON.stringify(await connection.call(tool ?? { name: "", inputSchema: {} }, {}));

  expect(shown).toContain("PATH");
  expect(shown).not.toContain("zanzibar");
});
