import { type AgentEvent, MemGPT } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";

/** A home with an agent sam that makes `calls`, each as the name of a function and its arguments. */
export async function homeWith(calls: readonly (readonly [name: string, args: Record<string, unknown>])[]) {
  const dir = temporaryFolder();
  const script = calls.map(([call, args]) => ({ call, args: { ...args, request_heartbeat: true } }));
  const llm = new ScriptedLlm([...script, { call: "send_message", args: { message: "Done." } }]);
  const memgpt = await MemGPT.open({ dir, env: {}, llm: () => llm });
  onTestFinished(() => memgpt.close());
  const agent = await memgpt.createAgent({ name: "sam" }, { consent: () => "once" });
  return { memgpt, agent, dir, llm };
}

export function returns(events: readonly AgentEvent[]): { name: string; status: string; output: string }[] {
  return events.flatMap((event) =>
    event.type === "function_return" && event.name !== "send_message"
      ? [{ name: event.name, status: event.status, output: event.output }]
      : [],
  );
}
