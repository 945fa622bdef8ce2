import { MemGPTError } from "../../errors.ts";
import type { MovedAgent } from "../../ports/move.ts";
import { type Summary, differences, summaryOf } from "./summary.ts";
import { type AgentRows, type RowStorage, portionsOf } from "./tables.ts";

/**
 * Copies an agent, which must not change meanwhile, from one storage to another and compares the two. If the same agent is
 * there already, it counts as moved before.
 *
 * @throws MemGPTError `agent_exists` if a different one is there; `storage_failed` if the copy differs; `interrupted`.
 */
export async function moveAgent(
  name: string,
  [from, to]: readonly [from: RowStorage, to: RowStorage],
  signal?: AbortSignal,
): Promise<MovedAgent> {
  const source = await from.read(name);
  if (source === undefined) throw new MemGPTError("agent_not_found", `Agent ${name} is gone. Nothing was moved.`);
  try {
    const summary = await summaryOf(source, signal);
    const unreadable = (await countCheckpoints(source)) - summary.checkpoints.count;
    const result = { name, ...countsOf(summary), unreadable };
    const known = await to.read(name);
    if (known !== undefined) {
      await expectSame(name, [source, known], summary, signal);
      return { ...result, outcome: "present" };
    }
    const portions = (table: Parameters<typeof portionsOf>[1]) => portionsOf(source, table, signal);
    await to.make(name, { head: source.head, portions }, async (copy) => {
      const differing = differences(summary, await summaryOf(copy, signal));
      if (differing === "") return;
      const message = `The copy of ${name} differs from the original in: ${differing}. The copy was removed, the original is unchanged.`;
      throw new MemGPTError("storage_failed", message);
    });
    return { ...result, outcome: "moved" };
  } finally {
    await source.close();
  }
}

async function expectSame(
  name: string,
  [source, known]: readonly [AgentRows, AgentRows],
  summary: Summary,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    if (idOf(source) !== idOf(known)) {
      const message = `Another agent there is named ${name}. Nothing of either was changed; rename one with \`memgpt rename\`.`;
      throw new MemGPTError("agent_exists", message);
    }
    const differing = differences(summary, await summaryOf(known, signal), { memory: true });
    if (differing === "") return;
    const message =
      `${name} is there already, and one of the two was used since: here and there differ in ${differing}. ` +
      "Neither was changed; rename or delete the one that you no longer need.";
    throw new MemGPTError("agent_exists", message);
  } finally {
    await known.close();
  }
}

function idOf({ head }: AgentRows): unknown {
  return (JSON.parse(head.state) as { readonly id?: unknown }).id;
}

async function countCheckpoints(rows: AgentRows): Promise<number> {
  let [count, last] = [0, ""];
  for (;;) {
    const portion = await rows.after("checkpoints", last);
    if (portion.length === 0) return count;
    count += portion.length;
    last = String(portion.at(-1)?.["file"]);
  }
}

function countsOf(summary: Summary): Pick<MovedAgent, "messages" | "passages" | "operations" | "checkpoints"> {
  const { messages, passages, journal, checkpoints } = summary;
  return {
    messages: messages.count,
    passages: passages.count,
    operations: journal.count,
    checkpoints: checkpoints.count,
  };
}
