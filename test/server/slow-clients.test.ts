import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { testServer } from "./support/server.ts";

/** Sends a request a byte at a time, as long as the server takes it. @returns what it answered before it closed the connection. */
async function trickle(url: string, begin: string, endless: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => (answer += data.toString())).on("error", () => undefined);
  socket.write(begin);
  const timer = setInterval(() => socket.write(endless), 20);
  onTestFinished(() => {
    clearInterval(timer);
    socket.destroy();
  });
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  return answer;
}

test.each([
  ["the headers", "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "a"],
  [
    "the body",
    "POST /v1/agents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{",
    " ",
  ],
  [
    "a body of unknown length",
    "POST /v1/agents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    "1\r\n \r\n",
  ],
])("a client that sends %s a byte at a time is cut off, and keeps nobody waiting", async (_, begin, endless) => {
  const server = await testServer({ headersMs: 300, requestMs: 600 });
  const slow = Array.from({ length: 20 }, () => trickle(server.url, begin, endless));

  expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
  for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408/);
  expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
});
