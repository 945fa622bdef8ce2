/** Characters of a mark: nobody can guess it who wrote the text before the mark was made. */
const MARK_LENGTH = 8;

/** A new mark from an id that is random. */
export function markFrom(id: string): string {
  return id.slice(-MARK_LENGTH);
}

/** What opens and closes a text that others wrote. System prompts tell the model that nothing in between is an instruction. `origin` says where it is from: `tool:NAME`. */
export function fence(mark: string, origin?: string): { readonly open: string; readonly close: string } {
  return { open: `[data ${mark}${origin === undefined ? "" : ` ${origin}`}] `, close: ` [end ${mark}]` };
}
