import { MemGPTError } from "memgpt";
import { RemoteMemGPT } from "memgpt/remote";
import { serve } from "memgpt/server";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { waitingLlm } from "../remote/support/waiting-llm.ts";

const say = (message: string) => ({ call: "send_message", args: { message } });

const codeOf = (error: unknown): string => (error instanceof MemGPTError ? error.code : "unexpected");

test("a server that is stopped finishes running turns, refuses waiting requests, and closes", async () => {
  const { llm, go, asked } = waitingLlm([say("one")], 1);
  const server = await serve({ dir: temporaryFolder(), env: {}, port: 0, llm: () => llm });
  const memgpt = await RemoteMemGPT.open({ url: server.url, patienceMs: 0 });
  const agent = await memgpt.createAgent({ name: "sam" });
  const other = await memgpt.openAgent("sam");
  const begun = agent.ask("hi");
  await expect.poll(asked).toBe(1);
  const waiting = other.ask("me too").then(String, codeOf);
  await expect.poll(async () => (await fetch(`${server.url}/v1/runs?active=true`)).json()).toHaveLength(2);

  const closed = server.close();

  expect(await waiting).toBe("interrupted");
  go();
  expect(await begun).toBe("one");
  await closed;
  await expect(fetch(server.url)).rejects.toThrow();
});

test("a turn that does not finish in time is stopped", async () => {
  const { llm, asked } = waitingLlm([say("never said")], 1);
  const server = await serve({ dir: temporaryFolder(), env: {}, port: 0, llm: () => llm });
  const memgpt = await RemoteMemGPT.open({ url: server.url, patienceMs: 0 });
  const agent = await memgpt.createAgent({ name: "sam" });
  const begun = agent.ask("hi").then(String, codeOf);
  await expect.poll(asked).toBe(1);

  await server.close(50);

  expect(await begun).toBe("interrupted");
});
