import type { AskConsent, ConsentAnswer, ConsentRequest, SessionOptions } from "memgpt";
import { expect, test } from "vitest";
import { askConsent } from "../../src/cli/chat/ask-consent.ts";
import { filesSaying } from "../forget/support/told.ts";
import { collect, scriptedAgent, testHome } from "../support/agents.ts";

const reply = { call: "send_message", args: { message: "As you wish." } };
const noting = { calls: [{ call: "core_memory_append", args: { name: "human", content: "Sister: Zoraida" } }, reply] };
const proposing = { calls: [{ call: "forget_memory", args: { text: "zoraida" } }, reply] };

/** Tells the agent of a sister, and lets it propose to forget her. */
async function proposed(consent: AskConsent | undefined, session: SessionOptions = {}) {
  const made = await scriptedAgent([noting, proposing, reply], {}, { ...session, consent });
  const { agent, memgpt } = made;
  await agent.addFunction("forget_memory");
  await collect(agent.send("My sister is called Zoraida."));
  const events = await collect(agent.send("Please erase Zoraida."));
  const notices = events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
  const returned = events.find((event) => event.type === "function_return" && event.name === "forget_memory");
  return { agent, notices, returned, files: filesSaying("Zoraida", memgpt.home.root) };
}

test("a proposal shows what would go, and after the turn no file contains what the person agreed to forget", async () => {
  const asked: ConsentRequest[] = [];

  const { agent, notices, files } = await proposed((request) => {
    asked.push(request);
    return "once";
  });

  expect(asked).toEqual([expect.objectContaining({ name: "forget_memory", arguments: '{"text":"zoraida"}' })]);
  expect(asked[0]?.forgets?.rewrites.map(({ label }) => label)).toEqual(["human"]);
  expect(files).toEqual([]);
  expect(notices).toContainEqual(expect.stringContaining("Erased, as you agreed."));
  await agent.undo(3);
  expect(JSON.stringify(agent.state)).not.toContain("Zoraida");
});

test.each<[string, AskConsent | undefined, SessionOptions, RegExp]>([
  ["says no", () => "no", {}, /the person said no/],
  ["is not there", undefined, {}, /nobody could be asked; `memgpt forget sam --match TEXT`/],
  ["allowed the function for the session, which allows no proposal", undefined, { allow: ["forget_memory"] }, /nobody/],
])("nothing is erased where the person %s, and the model reads why", async (_, consent, session, why) => {
  const { agent, notices, returned, files } = await proposed(consent, session);

  expect(returned).toMatchObject({ status: "Failed", output: expect.stringMatching(why) });
  expect(files).not.toEqual([]);
  expect(JSON.stringify(agent.state.blocks)).toContain("Zoraida");
  expect(notices.some((text) => text.includes("Nobody could be asked"))).toBe(consent === undefined);
});

test("nothing is erased if the turn is stopped before the step that agreed is stored", async () => {
  const stop = new AbortController();
  const { agent, memgpt } = await scriptedAgent(
    [noting, proposing],
    {},
    {
      consent: () => {
        stop.abort();
        return "once";
      },
    },
  );
  await agent.addFunction("forget_memory");
  await collect(agent.send("My sister is called Zoraida."));

  await expect(collect(agent.send("Please erase Zoraida.", { signal: stop.signal }))).rejects.toThrow("Stopped");

  expect(filesSaying("Zoraida", memgpt.home.root)).not.toEqual([]);
});

test("the practice model proposes to erase what it is asked to, and reports the outcome", async () => {
  const answers: ConsentAnswer[] = ["no", "once"];
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "ada" }, { consent: () => answers.shift() ?? "no" });
  await agent.ask("My sister is called Zoraida.");
  expect(await agent.ask("Forget Zoraida for good")).not.toContain("erased when");
  await agent.addFunction("forget_memory");

  expect(await agent.ask("Erase everything about Zoraida for good.")).toBe("Nothing was erased: the person said no.");
  await agent.ask("My sister is called Zoraida.");
  expect(await agent.ask("Forget Zoraida for good")).toContain("You agreed");

  expect(filesSaying("Zoraida", memgpt.home.root)).toEqual([]);
});

test("an approved call erases without another question", async () => {
  const { agent, memgpt } = await scriptedAgent([noting, proposing, reply]);
  await agent.addFunction("forget_memory");
  await collect(agent.send("My sister is called Zoraida."));
  const events = await collect(agent.send("Please erase Zoraida.", { approve: ["forget_memory"] }));
  expect(events.at(-1)).toMatchObject({ type: "turn_end", outcome: "waiting" });
  expect(filesSaying("Zoraida", memgpt.home.root)).not.toEqual([]);

  const made = events.find((event) => event.type === "function_call" && event.call.name === "forget_memory");
  const callId = made?.type === "function_call" ? made.call.id : "";
  await collect(agent.answerCalls([{ callId, approved: true }]));

  expect(filesSaying("Zoraida", memgpt.home.root)).toEqual([]);
});

test("consent to a proposal is never stored: each one is asked about", async () => {
  const { agent } = await proposed(() => "always");

  expect(agent.state.consents ?? undefined).toBeUndefined();
  expect(agent.permissions().find(({ name }) => name === "forget_memory")).toMatchObject({ may: "ask" });
  await expect(agent.setConsent("forget_memory", "always")).rejects.toThrow("only proposes");
});

test("the terminal shows what a proposal would erase, and a key pressed by accident keeps it", async () => {
  const shown: string[] = [];
  let picked: readonly string[] = [];
  await proposed((request) =>
    askConsent(request, {
      show: (text) => {
        shown.push(text);
      },
      pick: async (_, choices) => {
        picked = choices.map(({ value }) => value);
        return picked[0];
      },
    }),
  );

  expect(shown.join("\n")).toMatch(
    /sam proposes to erase, for good[^]*zoraida[^]*Found in: [^]*Rewrite human without "Sister: Zoraida"/,
  );
  expect(picked).toEqual(["no", "once"]);
});
