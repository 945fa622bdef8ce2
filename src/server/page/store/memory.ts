import { signal } from "@preact/signals";
import { type Answer, call } from "../client/call.ts";
import { agentId, panel } from "./view.ts";

export type Memory = Answer<"get /v1/agents/{agent_id}/memory">;
export type Block = Memory["blocks"][number];

/** The shown agent's memory; null until it was read. */
export const memory = signal<Memory | null>(null);

/** Unsaved edits of a block, and the text they are based on. */
export type Unsaved = { readonly fields: Block; readonly base: string };

const unsaved = new Map<string, Unsaved>();

/** Unsaved edits of a block, which survive while another panel is shown. */
export function unsavedOf(label: string): Unsaved | undefined {
  return unsaved.get(`${agentId.value}/${label}`);
}

export function keepUnsaved(label: string, edited: Unsaved | undefined): void {
  const key = `${agentId.value}/${label}`;
  if (edited === undefined) unsaved.delete(key);
  else unsaved.set(key, edited);
}

/** The block that a person wants to edit, and the line to correct in it, until its editor is open. */
export const toEdit = signal<{ readonly label: string; readonly line: string } | null>(null);

export function editBlock(label: string, line = ""): void {
  toEdit.value = { label, line };
  panel.value = "memory";
}

export async function readMemory(): Promise<void> {
  const id = agentId.value;
  const found = id === "" ? null : await call("get /v1/agents/{agent_id}/memory", { params: { agent_id: id } });
  if (id === agentId.value) memory.value = found;
}

/** Writes a block if its text is still `was`. @throws CallError 409 otherwise. */
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
