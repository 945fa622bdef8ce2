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

/** Runs a turn to its end. */
export async function collect(events: AsyncIterable<AgentEvent>): Promise<AgentEvent[]> {
  const all: AgentEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
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
