import { FIRST_NAMES } from "./lexicon.ts";

/*
 * Who a line of memory is about: the user, unless it begins with another person's name, as it does for those who speak
 * in a transcript (`Ana: Lives in Porto`).
 */

const OWNED = /^(\p{Lu}[\p{L}'’-]{1,20}(?: \p{Lu}[\p{L}'’.-]{0,20})?): (?=\p{Lu})(.+)$/u;
/** How facts begin, other than those that are a key with a value. */
const FACT =
  /^(?:\p{Lu}\p{Ll}+s (?!:)|Used to |Can't |Doesn't |No longer |\p{Lu}\p{Ll}+ing |Allergic |Got |Moved |Comes from |[\p{L} -]{2,30} named )/u;

export function owned(owner: string | undefined, line: string): string {
  return owner === undefined ? line : `${owner}: ${line}`;
}

/** The person other than the user that a line is about, and what it says of them. */
export function ownerOf(line: string): { readonly owner: string; readonly fact: string } | undefined {
  const found = OWNED.exec(line.trim());
  const [, owner = "", fact = ""] = found ?? [];
  const known = FIRST_NAMES.has(owner.split(" ")[0]?.toLowerCase() ?? "");
  return found !== null && (known || FACT.test(fact)) ? { owner, fact } : undefined;
}
