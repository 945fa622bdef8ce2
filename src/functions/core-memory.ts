import * as z from "zod";
import { findBlock, partMeant } from "../memory/blocks.ts";
import { shownBlocks } from "../memory/private.ts";
import { defineFunction } from "./define.ts";
import { setBlock } from "./effects.ts";

const name = z.string().describe("Section to edit: persona or human.");

export const coreMemoryAppend = defineFunction({
  name: "core_memory_append",
  kind: "memory_write",
  description: "Adds to a section of core memory.",
  parameters: z.object({ name, content: z.string().min(1).describe("What to add, on a line of its own.") }),
  run({ name, content }, { state }) {
    const block = findBlock(shownBlocks(state), name);
    const value = block.value === "" ? content : `${block.value}\n${content}`;
    return { output: null, effects: [setBlock(state, name, value)] };
  },
});

export const coreMemoryReplace = defineFunction({
  name: "core_memory_replace",
  kind: "memory_write",
  description: "Corrects a section of core memory by replacing text in it.",
  parameters: z.object({
    name,
    old_content: z.string().min(1).describe("Text to replace; must match exactly."),
    new_content: z.string().describe("What to put there; empty to delete."),
  }),
  run({ name, old_content, new_content }, { state }) {
    const block = findBlock(shownBlocks(state), name);
    const part = partMeant(block, old_content);
    if (part === undefined) {
      throw new Error(`Content not found in ${name} (it must match exactly): ${old_content}`);
    }
    const { value } = block;
    const changed = new_content === "" ? without(value, part) : value.replaceAll(part, () => new_content);
    return { output: null, effects: [setBlock(state, name, changed)] };
  },
});

/** `value` with every `text` deleted. The line break of a line deleted as a whole goes too. */
function without(value: string, text: string): string {
  const inside = `\n${value}\n`.replaceAll(`\n${text}\n`, () => "\n");
  return inside.slice(1, -1).replaceAll(text, "");
}
