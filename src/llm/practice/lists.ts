import { itemsOf } from "./phrase.ts";
import { list, stems } from "./text.ts";

const LISTING = /^((?:really )?(?:likes|loves|enjoys|dislikes|hates|plays|allergic to|collects)) (?!to\b)([^(]+)$/i;

/** A line that lists things, such as `Likes jazz, chess and tea`, each of which can change by itself. */
function listing(line: string): { readonly head: string; readonly items: readonly string[] } | undefined {
  const found = LISTING.exec(line.trim());
  return found === null ? undefined : { head: found[1] ?? "", items: itemsOf(found[2] ?? "") };
}

/** The line without the items that `leave` names; undefined if it does not list them or nothing would remain. */
export function without(line: string, leave: (item: string) => boolean): string | undefined {
  const held = listing(line);
  const left = held?.items.filter((item) => !leave(item)) ?? [];
  return held === undefined || left.length === 0 || left.length === held.items.length
    ? undefined
    : `${held.head} ${list(left)}`;
}

/** Whether two words or phrases name the same thing. */
export function alike(one: string, other: string): boolean {
  const [first, second] = [stems(one), stems(other)];
  return first.size === second.size && [...first].every((word) => second.has(word));
}

const FOND = /^(?:really )?(?:likes|loves|enjoys)$/i;
const AVERSE = /^(?:dislikes|hates)$/i;

/** What remains to be stored of a listing once `known` holds some of it; undefined if it holds all. */
export function unlisted(line: string, known: readonly string[]): string | undefined {
  const held = listing(line);
  if (held === undefined) return line;
  const same = known.flatMap((other) => {
    const found = listing(other);
    const equal =
      found !== undefined &&
      (found.head.toLowerCase() === held.head.toLowerCase() || (FOND.test(found.head) && FOND.test(held.head)));
    return equal ? found.items : [];
  });
  const left = held.items.filter((item) => !same.some((other) => alike(other, item)));
  if (left.length === 0) return undefined;
  return left.length === held.items.length ? line : `${held.head} ${list(left)}`;
}

/** A known listing that says the opposite of one item of `line`, and what remains true of it. */
export function opposed(
  line: string,
  known: readonly string[],
): { readonly from: string; readonly to: string } | undefined {
  const held = listing(line);
  if (held === undefined) return undefined;
  for (const from of known) {
    const head = listing(from)?.head ?? "";
    const opposite = (FOND.test(head) && AVERSE.test(held.head)) || (AVERSE.test(head) && FOND.test(held.head));
    const to = opposite ? without(from, (item) => held.items.some((other) => alike(other, item))) : undefined;
    if (to !== undefined) return { from, to };
  }
  return undefined;
}
