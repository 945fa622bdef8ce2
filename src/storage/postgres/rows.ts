import { spokenText } from "../../memory/envelope.ts";
import type { Message } from "../../schema/message.ts";
import { termsIn } from "../../search/analyze.ts";
import { traitsOf } from "../../search/recall/traits.ts";
import { SESSION_GAP_MS, gistNumber } from "../stored-values.ts";
import type { Head } from "./head.ts";

/** One row of `messages`, without its agent. */
export type MessageRow = {
  readonly seq: number;
  readonly id: string;
  readonly created_at: string;
  readonly role: string;
  readonly live: boolean;
  readonly n: number | null;
  readonly session: number | null;
  readonly speaker: string | null;
  readonly traits: number | null;
  readonly gist: number | null;
  readonly terms: number | null;
  readonly is_stale: boolean;
  readonly text: string | null;
  readonly json: string;
};

export const MESSAGE_COLUMNS = {
  seq: "bigint",
  id: "text",
  created_at: "text",
  role: "text",
  live: "boolean",
  n: "bigint",
  session: "bigint",
  speaker: "text",
  traits: "bigint",
  gist: "bigint",
  terms: "integer",
  is_stale: "boolean",
  text: "text",
  json: "text",
} as const satisfies Record<keyof MessageRow, string>;

/** One row of `passages`, without its agent. The embedding is Base64. */
export type PassageRow = {
  readonly seq: number;
  readonly id: string;
  readonly created_at: string;
  readonly live: boolean;
  readonly terms: number;
  readonly text: string;
  readonly embedding: string | null;
  readonly origin: string | null;
};

export const PASSAGE_COLUMNS = {
  seq: "bigint",
  id: "text",
  created_at: "text",
  live: "boolean",
  terms: "integer",
  text: "text",
  embedding: "text",
  origin: "text",
} as const satisfies Record<keyof PassageRow, string>;

/** The row of a new message. Takes the next numbers from `head`, and advances them. */
export function newMessage(message: Message, head: Head): MessageRow {
  head.seq += 1;
  const { id, createdAt, role } = message;
  return { seq: head.seq, id, created_at: createdAt, role, live: true, ...content(message, undefined, head) };
}

/** The row of a message with new content, at the same position. */
export function reworded(row: MessageRow, message: Message, head: Head): MessageRow {
  return { ...row, ...content(message, row, head) };
}

type Content = Omit<MessageRow, "seq" | "id" | "created_at" | "role" | "live">;

function content(message: Message, before: MessageRow | undefined, head: Head): Content {
  const [text, json] = [spokenText(message), JSON.stringify(message)];
  // Stale if the postings of the old content are packed already.
  const is_stale =
    before?.n !== undefined && before.n !== null && (before.is_stale || before.n <= head.messages_packed);
  if (text === undefined) {
    return { json, text: null, traits: null, gist: null, terms: null, n: null, session: null, speaker: null, is_stale };
  }
  const { n, session } = placeOf(message, before, head);
  return {
    json,
    text,
    traits: traitsOf(text),
    gist: gistNumber(text),
    terms: termsIn(text).length,
    n,
    session,
    speaker: message.role === "function" ? null : (message.name ?? null),
    is_stale,
  };
}

/** The number of a line, and that of the first line of its session. */
function placeOf(
  { createdAt }: Message,
  before: MessageRow | undefined,
  head: Head,
): { readonly n: number; readonly session: number } {
  if (before !== undefined && before.n !== null && before.session !== null) {
    return { n: before.n, session: before.session };
  }
  const pause =
    head.said_at === null ? Number.POSITIVE_INFINITY : Math.abs(Date.parse(createdAt) - Date.parse(head.said_at));
  head.n += 1;
  head.said_at = createdAt;
  if (pause > SESSION_GAP_MS || head.n === 1) head.session = head.n;
  return { n: head.n, session: head.session };
}
