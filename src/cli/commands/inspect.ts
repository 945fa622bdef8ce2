import { type AgentInspection, shownTime } from "../../index.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";

/** `memgpt inspect NAME`. */
export async function inspect(name: string, { json = false }: { json?: boolean }): Promise<void> {
  const memgpt = await openHome();
  const agent = await memgpt.inspect(name);
  if (json) {
    process.stdout.write(`${jsonText(agent, 2)}\n`);
    return;
  }
  const { disk } = agent;
  const blocks = agent.blocks.flatMap(({ label, value, limit }) => [
    `${label} (${value.length}/${limit} characters):`,
    value.replace(/^/gm, "  "),
  ]);
  const newest = agent.checkpoints.at(-1);
  const lines = [
    `${agent.name}, created ${shownTime(agent.created_at)}`,
    `model ${agent.model}, preset ${agent.preset}, context window ${agent.context_window} tokens`,
    ...blocks,
    `queue: ${counted(agent.queue.messages, "message")}, about ${counted(agent.queue.tokens, "token")}`,
    `recall: ${counted(agent.recall.total, "message")}${coverageText(agent.recall)}`,
    `archival: ${counted(agent.archival.total, "passage")}${embeddedText(agent.archival)}`,
    `vector index: ${indexText(agent.archival.index)}`,
    `journal: ${counted(agent.journal.operations, "operation")}, ${counted(agent.checkpoints.length, "checkpoint")}${newest === undefined ? "" : `, newest ${shownTime(newest.time)}`}`,
    `on disk: database ${shownBytes(disk.database)}, vector index ${shownBytes(disk.index)}, checkpoints ${shownBytes(disk.checkpoints)}`,
  ];
  print(...lines);
}

function embeddedText({ embedding, dimensions, without_vector: without }: AgentInspection["archival"]): string {
  if (embedding === null) return without === 0 ? "" : ", none with a vector";
  const missing = without === 0 ? "" : `, ${without} without a vector (fix: memgpt reindex)`;
  return `, embedded with ${embedding} (${dimensions ?? 0} dimensions)${missing}`;
}

function coverageText({ embedding, without_vector: without }: AgentInspection["recall"]): string {
  if (embedding === null) return "";
  return `, embedded with ${embedding}${without === 0 ? "" : `, ${counted(without, "line")} not yet`}`;
}

/** How vectors are searched, in one line. */
export function indexText(index: AgentInspection["archival"]["index"]): string {
  const memory = `about ${shownBytes(index.memory_bytes)} of memory when loaded`;
  switch (index.kind) {
    case "none":
      return "none (no passage has a vector)";
    case "exact":
      return `exact, ${counted(index.vectors, "vector")}, ${memory}`;
    case "graph":
      return `a graph ${graphText(index)}, ${memory}`;
  }
}

function graphText({ vectors, pending, removed }: AgentInspection["archival"]["index"]): string {
  if (vectors === 0) return `that will be rebuilt from ${counted(pending, "passage")}`;
  const missing = pending === 0 ? "" : `, ${counted(pending, "passage")} to be added in the background`;
  const gone = removed === 0 ? "" : `, ${removed.toLocaleString("en-US")} removed but still in it`;
  return `of ${counted(vectors, "vector")}${missing}${gone}`;
}

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

function shownBytes(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${value.toFixed(step === 0 || value >= 100 ? 0 : 1)} ${UNITS[step] ?? ""}`;
}
