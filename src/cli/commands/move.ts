import { join } from "node:path";
import { type MemGPT, type MovedAgent, shownDatabase } from "../../index.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { visible } from "../terminal/sanitize.ts";

/** `memgpt move [NAME|--all] --to WHERE`. */
export async function move(
  names: readonly string[] | "all",
  { to, json = false }: { readonly to: string; readonly json?: boolean },
): Promise<void> {
  const memgpt = await openHome();
  const agents: MovedAgent[] = [];
  const { signal, stop } = onInterrupt();
  try {
    for await (const agent of memgpt.move(names, { to, signal })) {
      agents.push(agent);
      if (!json) print(line(agent));
    }
  } finally {
    stop();
    await memgpt.close();
  }
  const where = to.includes("://") ? shownDatabase(to) : to;
  if (json) process.stdout.write(`${jsonText({ to: where, agents }, 2)}\n`);
  else for (const text of afterwards(memgpt, { to, where })) print(text);
}

function line({ name, outcome, messages, passages, operations, checkpoints, unreadable }: MovedAgent): string {
  const counts = [
    counted(messages, "message"),
    counted(passages, "passage"),
    counted(operations, "journal operation"),
    counted(checkpoints, "checkpoint"),
  ];
  const done = outcome === "moved" ? "moved and verified" : "is there already and the same";
  const left = unreadable === 0 ? "" : `; ${counted(unreadable, "unreadable checkpoint")} stayed behind`;
  return `${name} ${done}: ${counts.join(", ")}${left}`;
}

function afterwards(memgpt: MemGPT, { to, where }: { readonly to: string; readonly where: string }): string[] {
  const { home, database } = memgpt;
  const stays = `Sources, shared blocks, presets, functions and settings are not moved: they stay in ${home.root}`;
  if (database === undefined) {
    return [
      `The originals in ${home.agents} are unchanged. To delete one, remove its folder: ${join(home.agents, "NAME")}`,
      `To use the agents where they are now: memgpt configure set database ${where}`,
      stays,
    ];
  }
  return [
    `The originals in ${database} are unchanged. To delete one: memgpt delete agent NAME --database ${database}`,
    `To use the agents where they are now: memgpt configure set database --unset, with MEMGPT_DIR=${to}`,
    stays,
  ];
}

function print(text: string): void {
  process.stdout.write(`${visible(text)}\n`);
}
