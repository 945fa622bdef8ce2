import { expect, test } from "vitest";
import {
  ASK_HOW_LISBON_IS,
  NOTED_AND_REPLIED,
  NOTE_LISBON,
  collect,
  committed,
  only,
  scriptedAgent,
} from "../support/agents.ts";

test("a heartbeat request chains a second step, and the edited block is in its context", async () => {
  const { agent, llm } = await scriptedAgent([NOTE_LISBON, ASK_HOW_LISBON_IS]);

  const events = await collect(agent.send("I live in Lisbon"));

  expect(committed(events)).toEqual(NOTED_AND_REPLIED);
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
