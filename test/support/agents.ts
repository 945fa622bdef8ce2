import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, type AgentEvent, MemGPT, type MemGPTOptions, type NewAgent, type SessionOptions } from "memgpt";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";
import { onTestFinished } from "vitest";

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-test-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A clock that starts at noon of 21 November 2026 and is moved by hand. */
export function testClock(start = "2026-11-21T12:00:00.000Z"): { now: () => string; advance: (ms: number) => void } {
  let at = Date.parse(start);
  return {
    now: () => new Date(at).toISOString(),
    advance: (ms) => {
      at += ms;
    },
  };
}

/** A library on a temporary home, closed when the test is over. */
export async function testHome(options: MemGPTOptions = {}): Promise<MemGPT> {
  const memgpt = await MemGPT.open({ dir: temporaryFolder(), env: {}, ...options });
  onTestFinished(() => memgpt.close());
  return memgpt;
}

type Script = readonly (
  ScriptedAnswer | ((context: Parameters<ScriptedLlm["complete"]>[0]["context"]) => ScriptedAnswer)
)[];

/** A new agent whose model answers from `script`. */
export async function scriptedAgent(
  script: Script,
  agent: NewAgent = {},
  session: SessionOptions = {},
): Promise<{ agent: Agent; llm: ScriptedLlm; memgpt: MemGPT }> {
  const llm = new ScriptedLlm(script);
  const memgpt = await testHome({ llm: () => llm, now: testClock().now });
  return { agent: await memgpt.createAgent({ name: "sam", ...agent }, session), llm, memgpt };
}

/** A model that notes where the person lives, and replies in a second step. */
export const NOTE_LISBON: ScriptedAnswer = {
  call: "core_memory_append",
  args: { name: "human", content: "Lives in Lisbon.", request_heartbeat: true },
};
export const ASK_HOW_LISBON_IS: ScriptedAnswer = {
  think: "Now reply.",
  call: "send_message",
  args: { message: "Lisbon! How is it?" },
};

/** What such a turn commits. */
export const NOTED_AND_REPLIED: readonly AgentEvent["type"][] = [
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
];

/** Runs a turn to its end. */
export async function collect<T = AgentEvent>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What the agent was found to need when it was opened: the notices of its first turn. */
export async function openingNotices(agent: Agent): Promise<string[]> {
  const events = await collect(agent.send("Hello"));
  return events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
}

/** The types of the events that are not deltas. */
export function committed(events: readonly AgentEvent[]): string[] {
  return events.map((event) => event.type).filter((type) => !type.endsWith("_delta"));
}

/** The one event of that type. */
export function only<T extends AgentEvent["type"]>(
  events: readonly AgentEvent[],
  type: T,
): Extract<AgentEvent, { type: T }> {
  const found = events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
  const [event] = found;
  if (event === undefined || found.length > 1) throw new Error(`${found.length} events of type ${type}`);
  return event;
}
