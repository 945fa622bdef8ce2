import type { Block } from "../schema/state.ts";
import { estimateTokens, prefixWithin } from "./tokens.ts";

/** The block named `label`. @throws Error, for the model to read, listing the existing sections. */
export function findBlock(blocks: readonly Block[], label: string): Block {
  const block = blocks.find((candidate) => candidate.label === label);
  if (block !== undefined) return block;
  const labels = blocks.map((candidate) => candidate.label).join(", ");
  throw new Error(`No core memory section named ${label}. The sections are: ${labels}`);
}

/** @throws Error, for the model to read, if it may not write `value` in `block`. */
export function checkEdit(block: Block, value: string): void {
  if (block.readOnly === true) throw new Error(`Edit failed: the section ${block.label} is read-only.`);
  if (value.length <= block.limit) return;
  throw new Error(
    `Edit failed: Exceeds ${block.limit} character limit (requested ${value.length}). ` +
      "Shorten what this section holds, or keep the detail with archival_memory_insert instead.",
  );
}

/** The blocks, with `value` in the one named `label`. */
export function withBlock(blocks: readonly Block[], label: string, value: string): Block[] {
  return blocks.map((block) => (block.label === label ? { ...block, value } : block));
}

/**
 * The blocks as the model reads them. If they are estimated at more than `tokens`, each is cut to its share, with a note;
 * the blocks themselves keep their whole value.
 */
export function renderBlocks(blocks: readonly Block[], tokens: number): string {
  const whole = blocks.map((block) => renderBlock(block, shownText(block.value))).join("\n");
  if (blocks.length === 0 || estimateTokens(whole) <= tokens) return whole;
  const share = Math.max(0, Math.floor(tokens / blocks.length) - 40);
  return blocks
    .map((block) => {
      const text = shownText(block.value);
      const shown = prefixWithin(text, share);
      const hidden = text.length - shown.length;
      return renderBlock(block, hidden === 0 ? shown : `${shown} [${hidden} more characters do not fit here]`);
    })
    .join("\n");
}

function renderBlock(block: Block, text: string): string {
  const size = `${block.value.length}/${block.limit}`;
  const rights = block.readOnly === true ? ' access="read-only"' : "";
  const { description = "" } = block;
  const about = description === "" ? "" : `(${shownText(description.replace(/\s+/g, " "))})\n`;
  return `<${block.label} characters="${size}"${rights}>\n${about}${text}\n</${block.label}>`;
}

/** The text of a block as the model sees it. A tag in it must not look like the end of the block or the start of another. */
function shownText(value: string): string {
  return value.replace(/<(?=\/?[a-z])/gi, "&lt;");
}

/** The part of `block` that the model means by `text`, as stored or as shown; undefined if the block lacks it. */
export function partMeant({ value }: Block, text: string): string | undefined {
  if (value.includes(text)) return text;
  const written = text.replace(/&lt;(?=\/?[a-z])/gi, "<");
  return value.includes(written) ? written : undefined;
}
