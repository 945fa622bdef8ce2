import { createHash, randomBytes } from "node:crypto";
import type { Message } from "../../index.ts";

/** One message of the transcript that a stateless client sends along. */
export type Line = { readonly role: "user" | "assistant"; readonly text: string };

/**
 * The position of a message in a transcript that the client keeps: digests of what precedes it and of the whole. Both are part
 * of the stored message's id, so that the journal alone shows when the client writes the same position again: with the same
 * message (a regeneration) or another (an edit).
 */
export class Place {
  readonly #before: string;
  readonly #whole: string;
  readonly #isStart: boolean;

  /** @param lines The transcript; the message is the last. @param chat The client's id of the conversation, if it sends one. */
  constructor(lines: readonly Line[], chat: string | undefined) {
    const before = lines.slice(0, -1);
    this.#before = digest([chat ?? "", ...before.map(written)]);
    this.#whole = digest([chat ?? "", ...lines.map(written)]);
    // Without an id, all conversations share their first position.
    this.#isStart = before.length === 0 && chat === undefined;
  }

  /** A new message id, in the form of a UUID, that contains both digests. */
  newId(): string {
    const hex = this.#before + this.#whole + randomBytes(4).toString("hex");
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(12, 15)}`,
      `8${hex.slice(15, 18)}`,
      hex.slice(18, 30),
    ].join("-");
  }

  /** The id of the message in `queue` that this one replaces; undefined if its position is new. */
  replacedIn(queue: readonly Message[]): string | undefined {
    const userMessages = queue
      .filter((message) => message.role === "user" && message.event === "user_message")
      .map(({ id }) => id);
    const newest = userMessages.at(-1);
    if (this.#isStart) return newest !== undefined && digestsOf(newest).whole === this.#whole ? newest : undefined;
    return userMessages.findLast((id) => digestsOf(id).before === this.#before);
  }
}

/** Length of a digest, in hexadecimal digits. */
const DIGITS = 12;

function digest(lines: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(lines)).digest("hex").slice(0, DIGITS);
}

/** Ignores white space: clients trim and rewrap what they show. */
function written({ role, text }: Line): string {
  return `${role}: ${text.replace(/\s+/g, " ").trim()}`;
}

function digestsOf(id: string): { readonly before: string; readonly whole: string } {
  const hex = id
    .replace(/^(.{14})./, "$1")
    .replace(/^(.{18})./, "$1")
    .replaceAll("-", "");
  return { before: hex.slice(0, DIGITS), whole: hex.slice(DIGITS, 2 * DIGITS) };
}
