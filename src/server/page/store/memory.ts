import { signal } from "@preact/signals";
import { type Answer, call } from "../client/call.ts";
import { agentId } from "./view.ts";

export type Memory = Answer<"get /v1/agents/{agent_id}/memory">;
export type Block = Memory["blocks"][number];

/** Core memory of the agent that is shown; null until it was read. */
export const memory = signal<Memory | null>(null);

export async function readMemory(): Promise<void> {
  const id = agentId.value;
  const found = id === "" ? null : await call("get /v1/agents/{agent_id}/memory", { params: { agent_id: id } });
  if (id === agentId.value) memory.value = found;
}

/** Writes a block, unless it says something other than `was` by now. @throws CallError 409 then. */
export async function writeBlock({ label, ...block }: Block, was: string | null): Promise<void> {
  await call("put /v1/agents/{agent_id}/memory/{label}", {
    params: { agent_id: agentId.value, label },
    body: { ...block, was },
  });
  await readMemory();
}

export async function removeBlock(label: string): Promise<void> {
  await call("delete /v1/agents/{agent_id}/memory/{label}", { params: { agent_id: agentId.value, label } });
  await readMemory();
}

export async function removePassage(id: string): Promise<void> {
  await call("delete /v1/agents/{agent_id}/passages/{passage_id}", {
    params: { agent_id: agentId.value, passage_id: id },
  });
  await readMemory();
}
