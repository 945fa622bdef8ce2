/** Characters of a mark. Whoever wrote a text before the mark was made cannot guess it. */
const MARK_LENGTH = 8;

/** A new mark, from a random id. */
export function markFrom(id: string): string {
  return id.slice(-MARK_LENGTH);
}

/**
 * The brackets around a text that others wrote. System prompts tell the model that nothing between them is an instruction.
 *
 * @param origin Where the text is from, such as `tool:NAME`.
 */
export function fence(mark: string, origin?: string): { readonly open: string; readonly close: string } {
  return { open: `[data ${mark}${origin === undefined ? "" : ` ${origin}`}] `, close: ` [end ${mark}]` };
}
