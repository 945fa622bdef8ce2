import { integer, seeded } from "./random.ts";

const WORDS =
  "harbour kitchen garden lantern bridge orchard violin compass museum bakery river mountain bicycle photograph theatre " +
  "library market station meadow castle telescope cathedral vineyard lighthouse staircase courtyard";

/** The mark of message `number`, by which it is found again. */
export function tokenOf(number: number): string {
  return `n${String(number).padStart(6, "0")}`;
}

/** The numbers whose marks stand in `text`. */
export function numbersIn(text: string): number[] {
  return [...text.matchAll(/\bn(\d{6})\b/g)].map((match) => Number(match[1]));
}

/**
 * What is said to the agent with number `number`. They make the model write to core memory, write to archival memory
 * and search in turn, and are long enough to fill a window of 4,096 tokens every few messages.
 */
export function messageOf(number: number): string {
  const mark = tokenOf(number);
  switch (number % 5) {
    case 0:
      return `My favourite colour is ${word(number)} ${mark}.`;
    case 1:
      return `Save to archival memory: parcel ${mark} lies behind the ${word(number)} near the ${word(number + 7)}.`;
    case 2:
      return `${mark}: the ${prose(number)} was quiet today.`;
    case 3:
      return `What did I tell you about parcel ${tokenOf(number - 2)}, asked as ${mark}?`;
    default:
      return `Today ${mark} the ${prose(number)} looked wonderful.`;
  }
}

/** What is said first where message `number` comes in by an edit of it. */
export function draftOf(number: number): string {
  return `A draft of ${tokenOf(number)}, which is edited at once.`;
}

function prose(number: number): string {
  return Array.from({ length: 60 }, (_, index) => word(number * 61 + index)).join(" ");
}

function word(seed: number): string {
  const words = WORDS.split(" ");
  return words[integer(seeded(seed), words.length)] ?? "";
}
