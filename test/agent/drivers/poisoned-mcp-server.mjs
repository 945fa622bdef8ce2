// An MCP server over stdio, whose tools return what they are started with: `node poisoned-mcp-server.mjs POISON SECRET`.
import { createInterface } from "node:readline";

const [poison = "", secret = ""] = process.argv.slice(2);
const RESULTS = {
  text: { content: [{ type: "text", text: poison }] },
  resource: { content: [{ type: "resource", resource: { uri: "file:///a", text: poison } }] },
  structured: { content: [], structuredContent: { note: poison } },
  failing: { isError: true, content: [{ type: "text", text: poison }] },
  secret: { content: [{ type: "text", text: `The token is ${secret}.` }] },
};

const tools = Object.keys(RESULTS).map((name) => ({
  name,
  description: `Returns ${name}.`,
  inputSchema: { type: "object", properties: {} },
}));

function answer(method, params) {
  switch (method) {
    case "initialize":
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "poisoned", version: "1" },
      };
    case "tools/list":
      return { tools };
    case "tools/call":
      return RESULTS[params.name];
    default:
      return {};
  }
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params = {} } = JSON.parse(line);
  if (id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: answer(method, params) })}\n`);
});
