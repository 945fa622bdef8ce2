import { expect, test } from "vitest";
import { collect, committed, only, scriptedAgent } from "../support/agents.ts";

test("a heartbeat request chains a second step, and the edited block is in its context", async () => {
  const { agent, llm } = await scriptedAgent([
    { call: "core_memory_append", args: { name: "human", content: "Lives in Lisbon.", request_heartbeat: true } },
    { think: "Now reply.", call: "send_message", args: { message: "Lisbon! How is it?" } },
  ]);

  const events = await collect(agent.send("I live in Lisbon"));

  expect(committed(events)).toEqual([
    "turn_start",
    "step_start",
    "function_call",
    "memory_edit",
    "function_return",
    "step_end",
    "step_start",
    "internal_monologue",
    "function_call",
    "assistant_message",
    "function_return",
    "step_end",
    "turn_end",
  ]);
  expect(llm.seen[1]?.system).toContain("Lives in Lisbon.");
  expect(llm.remaining).toBe(0);
  // The login and the message, a call and its return, the heartbeat, a call and its return.
  expect(await agent.recall.size()).toBe(7);
  expect(only(events, "turn_end").reply).toBe("Lisbon! How is it?");
});

test("a search says that it cannot find yet what was inserted earlier in the same response", async () => {
  const { agent, llm } = await scriptedAgent([
    {
      calls: [
        { call: "archival_memory_search", args: { query: "apple" } },
        { call: "archival_memory_insert", args: { content: "An apple pie is in the oven.", request_heartbeat: true } },
        { call: "archival_memory_search", args: { query: "apple" } },
        { call: "archival_memory_insert", args: { content: " ", request_heartbeat: true } },
      ],
    },
    {
      calls: [
        { call: "archival_memory_insert", args: { content: " ", request_heartbeat: true } },
        { call: "archival_memory_search", args: { query: "apple" } },
        { call: "send_message", args: { message: "There is a pie." } },
      ],
    },
  ]);

  const events = await collect(agent.send("Is there a pie?"));

  const found = events.flatMap((event) =>
    event.type === "function_return" && event.name === "archival_memory_search" ? [event.output] : [],
  );
  expect(found).toEqual([
    "No results found.",
    "No results found. (What you inserted in this same response can be found from your next step on.)",
    expect.stringMatching(/^Showing 1 of 1 result \(page 1\/1\): \[".*An apple pie is in the oven\."\]$/),
  ]);
  expect(llm.remaining).toBe(0);
});
