import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";

// A route that reads a message as JSON and answers with as many bytes as a turn does.
const app = new Hono();
const answer = { messages: [{ message_type: "assistant_message", content: "x".repeat(800) }] };
app.post("/", async (c) => {
  const body: unknown = await c.req.json();
  return c.json({ ...answer, heard: JSON.stringify(body).length });
});
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.once("SIGTERM", () => {
  process.exit(0);
});
