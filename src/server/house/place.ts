import { createHash, randomBytes } from "node:crypto";
import type { Message } from "../../index.ts";

/** One line of a conversation, as a client that keeps a copy of it sends it along. */
export type Line = { readonly role: "user" | "assistant"; readonly text: string };

/**
 * Where a message stands in a conversation that its client keeps a copy of: what was said before it, and the message itself. The
 * stored message is called after both, so that the journal alone tells later that the same place is written again: by a
 * regeneration, where the message is the same, or by an edit, where it is another.
 */
export class Place {
  readonly #before: string;
  readonly #whole: string;
  readonly #isStart: boolean;

  /** @param chat What the client calls the conversation, where it says. @param lines With the message as the last. */
  constructor(lines: readonly Line[], chat: string | undefined) {
    const before = lines.slice(0, -1);
    this.#before = digest([chat ?? "", ...before.map(written)]);
    this.#whole = digest([chat ?? "", ...lines.map(written)]);
    // Where nobody says which conversation it is, every one begins at the same place.
    this.#isStart = before.length === 0 && chat === undefined;
  }

  /** A new id that says so, in the form of a UUID. */
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

  /** The id of the message in `queue` that this one takes the place of; undefined if it stands at a new place. */
  replacedIn(queue: readonly Message[]): string | undefined {
    const said = queue
      .filter((message) => message.role === "user" && message.event === "user_message")
      .map(({ id }) => id);
    const [newest] = said.slice(-1);
    if (this.#isStart) return newest !== undefined && digestsOf(newest).whole === this.#whole ? newest : undefined;
    return said.findLast((id) => digestsOf(id).before === this.#before);
  }
}

/** Hexadecimal digits of a digest. */
const DIGITS = 12;

function digest(lines: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(lines)).digest("hex").slice(0, DIGITS);
}

/** Clients trim what they show, and break it elsewhere. */
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
