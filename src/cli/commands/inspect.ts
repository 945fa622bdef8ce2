import { jsonText } from "../json-text.ts";
import { openHome } from "../open-home.ts";
import { shownTime } from "../shown-time.ts";
import { visible } from "../terminal/sanitize.ts";

/** `memgpt inspect NAME`. */
export async function inspect(name: string, { json = false }: { json?: boolean }): Promise<void> {
  const memgpt = await openHome();
  const agent = await memgpt.inspect(name);
  if (json) {
    process.stdout.write(`${jsonText(agent, 2)}\n`);
    return;
  }
  const blocks = agent.blocks.flatMap(({ label, value, limit }) => [
    `${label} (${value.length}/${limit} characters):`,
    value.replace(/^/gm, "  "),
  ]);
  const lines = [
    `${agent.name}, made ${shownTime(agent.created_at)}`,
    `model ${agent.model}, preset ${agent.preset}, context window ${agent.context_window} tokens`,
    ...blocks,
    `queue: ${agent.queue.messages} messages, about ${agent.queue.tokens} tokens`,
    `recall: ${agent.recall.total} messages`,
    `archival: ${agent.archival.total} passages`,
    `journal: ${agent.journal.operations} operations, ${agent.checkpoints.length} checkpoints, the newest ${agent.checkpoints.at(-1)?.file ?? "none"}`,
  ];
  process.stdout.write(`${visible(lines.join("\n"))}\n`);
}
