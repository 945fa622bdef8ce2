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
