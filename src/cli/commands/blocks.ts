import { type Block, type BlockEntry, type MemGPT, MemGPTError } from "../../index.ts";
import { didYouMean } from "../../errors.ts";
import { editExternally } from "../chat/external-editor.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { isConfirmed } from "../terminal/confirm.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted, excerpt } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";
import { textArgument } from "../terminal/text-argument.ts";
import { withAgent } from "./with-agent.ts";

export type BlockOptions = {
  readonly agent?: string;
  readonly text?: string;
  readonly file?: string;
  readonly description?: string;
  readonly limit?: number;
  readonly readOnly?: boolean;
  readonly private?: boolean;
};

const PREVIEW_CHARACTERS = 60;
/** Characters of a block in the original MemGPT. */
const USUAL_LIMIT = 2000;

/** `memgpt block list [AGENT]`. */
export async function listBlocks(agent: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  const memgpt = await openHome();
  if (agent !== undefined) {
    const { blocks } = await memgpt.inspect(agent);
    print(json ? jsonText(blocks, 2) : blocks.map((block) => lineOf(block)).join("\n"));
    return;
  }
  const names = await agentNames(memgpt);
  const rows = (await memgpt.blocks.list()).map((block) => ({ block, agents: agentsOf(block, names) }));
  if (json)
    print(
      jsonText(
        rows.map(({ block, agents }) => asJson(block, agents)),
        2,
      ),
    );
  else if (rows.length === 0) print("No shared blocks yet; `memgpt block create LABEL` creates one.");
  else print(rows.map(({ block, agents }) => `${lineOf(coreOf(block))}${agentsText(agents)}`).join("\n"));
}

/** `memgpt block create LABEL`. */
export async function createBlock(label: string, options: BlockOptions): Promise<void> {
  const memgpt = await openHome();
  const value = (await textArgument(options))?.trim() ?? "";
  const {
    description,
    readOnly,
    private: isPrivate,
    limit = Math.max(memgpt.config.core_memory_limit ?? USUAL_LIMIT, value.length),
  } = options;
  await memgpt.blocks.create({
    label,
    value,
    limit,
    ...(description === undefined ? {} : { description }),
    ...(readOnly === true ? { readOnly } : {}),
    ...(isPrivate === true ? { private: true } : {}),
  });
  print(`Created block ${label}. Give it to agents: memgpt block attach AGENT ${label}`);
}

/** `memgpt block show BLOCK`. */
export async function showBlock(
  name: string,
  { agent, json = false }: { agent?: string; json?: boolean },
): Promise<void> {
  const memgpt = await openHome();
  if (agent !== undefined) {
    const block = blockNamed((await memgpt.inspect(agent)).blocks, name, agent);
    print(json ? jsonText(block, 2) : `${factsOf(block)}\n\n${block.value}`);
    return;
  }
  const block = await memgpt.blocks.get(name);
  const agents = agentsOf(block, await agentNames(memgpt));
  print(json ? jsonText(asJson(block, agents), 2) : `${factsOf(coreOf(block))}${agentsText(agents)}\n\n${block.value}`);
}

/** `memgpt block edit BLOCK`: applies the flags, or opens the text in the person's editor. */
export async function editBlock(name: string, options: BlockOptions): Promise<void> {
  const { agent, description, limit, readOnly, private: isPrivate } = options;
  const text = (await textArgument(options))?.trim();
  const changes = {
    ...(text === undefined ? {} : { value: text }),
    ...(description === undefined ? {} : { description }),
    ...(limit === undefined ? {} : { limit }),
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(isPrivate === undefined ? {} : { private: isPrivate }),
  };
  if (agent !== undefined) {
    await withAgent(agent, async (opened) => {
      const block = blockNamed(opened.state.blocks, name, agent);
      await changeOrEdit(block, changes, (all) => opened.changeBlock(block.label, all));
    });
    return;
  }
  const memgpt = await openHome();
  const block = await memgpt.blocks.get(name);
  await changeOrEdit(coreOf(block), changes, (all) => memgpt.blocks.change(block.id, all));
}

/** `memgpt block attach|detach AGENT BLOCK`. */
export async function moveBlock(verb: "attach" | "detach", agent: string, name: string): Promise<void> {
  const memgpt = await openHome();
  const { id, label } = await memgpt.blocks.get(name);
  await withAgent(agent, (opened) => memgpt.blocks[verb](opened, id));
  print(
    verb === "attach"
      ? `${agent} now has the block ${label}. An edit by one agent shows in all that have it.`
      : `${agent} no longer has the block ${label}.`,
  );
}

/** `memgpt block delete BLOCK`. Asks first. */
export async function deleteBlock(name: string, { yes = false }: { yes?: boolean }): Promise<void> {
  const memgpt = await openHome();
  const block = await memgpt.blocks.get(name);
  const agents = agentsOf(block, await agentNames(memgpt));
  const refusal = `Deleting ${name} cannot be undone. Nothing was deleted; pass --yes to delete it without confirmation.`;
  const loss = agents.length === 0 ? "" : `, and take it from ${agents.join(", ")}`;
  if (!yes && !(await isConfirmed(`Delete block ${block.label}, for good${loss}?`, refusal))) {
    print("Nothing was deleted.");
    return;
  }
  await memgpt.blocks.delete(block.id);
  print(`Deleted block ${block.label}.${lossText(agents)}`);
}

async function changeOrEdit(
  block: Block,
  changes: Omit<Partial<Block>, "label">,
  change: (changes: Omit<Partial<Block>, "label">) => Promise<unknown>,
): Promise<void> {
  if (Object.keys(changes).length > 0) {
    await change(changes);
    print(`Changed block ${block.label}.`);
    return;
  }
  const { signal, stop } = onInterrupt();
  try {
    await editExternally(
      block.value,
      block.label,
      async (value) => {
        if (value !== block.value) await change({ value });
        print(value === block.value ? `${block.label} is unchanged.` : `Changed block ${block.label}.`);
      },
      signal,
    );
  } finally {
    stop();
  }
}

function blockNamed(blocks: readonly Block[], name: string, agent: string): Block {
  const labels = blocks.map(({ label }) => label);
  const block = blocks.find(({ label }) => label === name);
  if (block !== undefined) return block;
  const available = `${agent} has: ${labels.join(", ")}.`;
  throw new MemGPTError("not_found", `${agent} has no block named ${name}.${didYouMean(name, labels)} ${available}`);
}

/** Names of the agents by their ids. Unreadable agents are left out. */
async function agentNames(memgpt: MemGPT): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { name } of await memgpt.listAgents()) {
    const state = await memgpt.readAgent(name, async (memory) => memory.load()).catch(() => undefined);
    if (state !== undefined) names.set(state.id, name);
  }
  return names;
}

function agentsOf({ agents }: BlockEntry, names: ReadonlyMap<string, string>): string[] {
  return Object.keys(agents).flatMap((id) => names.get(id) ?? []);
}

function coreOf({ label, value, limit, description, readOnly, private: isPrivate }: BlockEntry): Block {
  return { label, value, limit, readOnly, private: isPrivate, description: description ?? "" };
}

function factsOf({ label, value, limit, description = "", ...flags }: Block): string {
  const about = description === "" ? "" : `: ${description}`;
  const kept = [flags.readOnly === true ? ", read-only" : "", flags.private === true ? ", private" : ""].join("");
  return `${label}${about} (${value.length} of ${counted(limit, "character")}${kept})`;
}

function lineOf(block: Block): string {
  return `${factsOf(block)} ${excerpt(block.value, PREVIEW_CHARACTERS)}`.trimEnd();
}

function agentsText(agents: readonly string[]): string {
  return agents.length === 0 ? "; no agent has it" : `; ${agents.join(", ")}`;
}

function asJson(
  { id, label, value, limit, description, readOnly, private: isPrivate }: BlockEntry,
  agents: readonly string[],
): object {
  return { id, label, value, limit, description, read_only: readOnly, private: isPrivate, agents };
}

function lossText(agents: readonly string[]): string {
  return agents.length === 0 ? "" : ` ${agents.join(", ")} ${agents.length === 1 ? "has" : "have"} it no longer.`;
}
