import { type AskConsent, type ConsentAnswer, MemGPT, type SessionOptions, defineFunction } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { permissionOf } from "../../src/functions/consent.ts";
import { collect, temporaryFolder } from "../support/agents.ts";

/** A home whose agents can be given `launch`, which acts outside memory; `launched` is what it did. */
async function launchPad(config: Record<string, string> = {}) {
  const dir = temporaryFolder();
  const launched: string[] = [];
  const launch = defineFunction({
    name: "launch",
    description: "Launches a rocket.",
    kind: "outside_effect",
    parameters: z.object({ to: z.string() }),
    run: ({ to }) => {
      launched.push(to);
      return { output: `on its way to ${to}` };
    },
  });
  const call = { call: "launch", args: { to: "Mars", request_heartbeat: true } };
  const reply = { call: "send_message", args: { message: "Done." } };
  const open = async (calls: number): Promise<MemGPT> => {
    const llm = new ScriptedLlm(Array.from({ length: calls }, () => [call, reply]).flat());
    const memgpt = await MemGPT.open({ dir, env: config, llm: () => llm, functions: [launch] });
    onTestFinished(() => memgpt.close());
    return memgpt;
  };
  return { open, launched };
}

/** Sends one message to a new agent that has `launch`. */
async function launchOnce(session: SessionOptions) {
  const { open, launched } = await launchPad();
  const agent = await (await open(1)).createAgent({ name: "sam" }, session);
  await agent.addFunction("launch");
  const events = await collect(agent.send("To Mars!"));
  const returned = events.find((event) => event.type === "function_return" && event.name === "launch");
  const notices = events.flatMap((event) => (event.type === "notice" && event.code === "consent" ? [event.text] : []));
  return { agent, launched, returned, notices };
}

test.each<[answer: ConsentAnswer, launched: number, stored: Record<string, string> | undefined]>([
  ["once", 1, undefined],
  ["no", 0, undefined],
  ["always", 1, { launch: "always" }],
  ["never", 0, { launch: "never" }],
])("the answer %s makes %i calls and stores %j", async (answer, count, stored) => {
  const { agent, launched } = await launchOnce({ consent: () => answer });

  expect(launched).toHaveLength(count);
  expect(agent.state.consents ?? undefined).toEqual(stored);
});

test("the question names the agent, the function and its arguments", async () => {
  const asked: Parameters<AskConsent>[0][] = [];

  await launchOnce({
    consent: (request) => {
      asked.push(request);
      return "no";
    },
  });

  expect(asked).toEqual([
    expect.objectContaining({ agent: "sam", name: "launch", arguments: '{"to":"Mars","request_heartbeat":true}' }),
  ]);
});

test("without anybody to ask the answer is no, and model and person learn why", async () => {
  const { launched, returned, notices } = await launchOnce({});

  expect(launched).toEqual([]);
  expect(returned).toMatchObject({ status: "Failed", output: expect.stringContaining("nobody could be asked") });
  expect(notices).toEqual([expect.stringMatching(/launch was not called: nobody could be asked\. --allow launch/)]);
});

test("what is allowed for the session is not asked about", async () => {
  const { launched, agent } = await launchOnce({ allow: ["launch"], consent: () => "no" });

  expect(launched).toEqual(["Mars"]);
  expect(agent.permissions()).toContainEqual(
    expect.objectContaining({ name: "launch", may: "yes", why: "allowed for this session" }),
  );
});

test("always and never survive the session, and never wins over what a session allows", async () => {
  const { open, launched } = await launchPad();
  const first = await open(1);
  const agent = await first.createAgent({ name: "sam" }, { consent: () => "always" });
  await agent.addFunction("launch");
  await collect(agent.send("To Mars!"));
  await first.close();

  const second = await open(2);
  const again = await second.openAgent("sam", {}, { allow: ["launch"] });
  await collect(again.send("Once more!"));
  await again.setConsent("launch", "never");
  await collect(again.send("And again!"));

  expect(launched).toEqual(["Mars", "Mars"]);
  expect(again.permissions()).toContainEqual(expect.objectContaining({ name: "launch", may: "no" }));
});

test("undo reverts consent", async () => {
  const { agent } = await launchOnce({ consent: () => "once" });
  await agent.setConsent("launch", "always");

  const { change } = await agent.undo();

  expect(change.settings).toEqual(["consent to launch: always → ask"]);
  expect(agent.permissions()).toContainEqual(expect.objectContaining({ name: "launch", may: "ask" }));
});

test("an aborted question leaves no trace", async () => {
  const stop = new AbortController();
  const { open, launched } = await launchPad();
  const agent = await (
    await open(1)
  ).createAgent(
    { name: "sam" },
    {
      consent: () => {
        stop.abort();
        return "always";
      },
    },
  );
  await agent.addFunction("launch");

  await expect(collect(agent.send("To Mars!", { signal: stop.signal }))).rejects.toMatchObject({ code: "interrupted" });

  expect(launched).toEqual([]);
  expect(agent.state.consents ?? undefined).toBeUndefined();
});

test("consent for a function without effect outside memory is refused", async () => {
  const { agent } = await launchOnce({});

  await expect(agent.setConsent("send_message", "never")).rejects.toMatchObject({ code: "invalid_input" });
});

test("a function that acts outside memory needs consent even if it claims only to propose", () => {
  const launch = { name: "launch", kind: "outside_effect", proposes: true } as const;

  expect(permissionOf(launch, { consents: { launch: "never" } }, new Map())).toMatchObject({ may: "no" });
});
