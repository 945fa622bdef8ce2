import type { Agent } from "../../index.ts";
import { shownTime } from "../shown-time.ts";

const SAMPLES = 5;
const SAMPLE_CHARACTERS = 100;

/** Core memory whole, recall and archival memory by their size and newest entries. */
export async function renderMemory({ state, recall, archival }: Agent): Promise<string> {
  const blocks = state.blocks.map(
    ({ label, value, limit }) => `${label} (${value.length}/${limit} characters)\n${indent(value)}`,
  );
  const passages = await archival.latest(SAMPLES);
  const archived = passages.map(({ createdAt, text }) => `  ${shownTime(createdAt)} ${shorten(text)}`);
  return [
    "Core memory",
    ...blocks.map(indent),
    `Recall memory: ${await recall.size()} messages`,
    `Archival memory: ${await archival.size()} passages${passages.length === 0 ? "" : ", newest first"}`,
    ...archived,
  ].join("\n");
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= SAMPLE_CHARACTERS ? line : `${line.slice(0, SAMPLE_CHARACTERS)}…`;
}
