import type { Statement } from "better-sqlite3";
import { parseJson, spokenText, withEnvelopeText } from "../../memory/envelope.ts";
import { type Message, messageSchema } from "../../schema/message.ts";
import { traitsOf } from "../../search/recall/traits.ts";
import { gistNumber } from "../stored-values.ts";
import type { Database } from "../sqlite/load-sqlite.ts";
import type { ActionRow, JournalRow, MessageRow, PassageRow, Role } from "./shapes.ts";

/** A message to write, and its place. */
export type Placed = Pick<MessageRow, "live" | "n" | "session" | "speaker"> & {
  /** Null if unknown: after all others. */
  readonly seq: number | null;
  readonly message: Message;
};

type Derived = [text: string | null, traits: number | null, gist: number | null];
type Where = [live: number, n: number | null, session: number | null, speaker: string | null];

/** Writes rows into a new database; existing rows stay unchanged. Must be used inside a transaction. */
export class NewRows {
  readonly #message: Statement<
    [seq: number | null, id: string, at: string, role: string, json: string, ...Derived, ...Where]
  >;
  readonly #lastSaid: Statement<[], { n: number; session: number }>;
  readonly #isNumbered: Statement<[n: number]>;
  readonly #passage: Statement<
    [seq: number | null, id: string, at: string, text: string, embedding: Buffer | null, live: number, string | null]
  >;
  readonly #journal: Statement<[...JournalRow]>;
  readonly #action: Statement<[...ActionRow]>;
  readonly #state: Statement<[json: string]>;
  readonly #meta: Statement<[key: string, value: string]>;

  constructor(db: Database) {
    this.#message = db.prepare(
      `INSERT OR IGNORE INTO messages (seq, id, created_at, role, json, text, traits, gist, live, n, session, speaker)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#lastSaid = db.prepare("SELECT n, session FROM messages WHERE n IS NOT NULL ORDER BY n DESC LIMIT 1");
    this.#isNumbered = db.prepare("SELECT 1 FROM messages WHERE n = ?");
    this.#passage = db.prepare(
      "INSERT OR IGNORE INTO passages (seq, id, created_at, text, embedding, live, origin) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#journal = db.prepare(
      "INSERT OR IGNORE INTO journal (op, at, cause, kind, ref, before, after, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#action = db.prepare(
      "INSERT OR IGNORE INTO actions (seq, id, at, label, first_op, last_op, undone) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#state = db.prepare("INSERT OR IGNORE INTO state VALUES (1, ?)");
    this.#meta = db.prepare("INSERT OR IGNORE INTO meta VALUES (?, ?)");
  }

  message({ seq, message, live, n, session, speaker }: Placed): boolean {
    const text = spokenText(message) ?? null;
    const derived: Derived = text === null ? [null, null, null] : [text, traitsOf(text), gistNumber(text)];
    const name = message.role === "function" ? null : (message.name ?? speaker);
    const where: Where = text === null ? [live, null, null, null] : [live, ...this.#place(n, session), name];
    const { id, createdAt, role } = message;
    return this.#message.run(seq, id, createdAt, role, JSON.stringify(message), ...derived, ...where).changes > 0;
  }

  passage({
    seq,
    id,
    createdAt,
    text,
    embedding,
    live,
    origin,
  }: Omit<PassageRow, "seq"> & { seq: number | null }): boolean {
    return this.#passage.run(seq, id, createdAt, text, embedding, live, origin).changes > 0;
  }

  journal(row: JournalRow): void {
    this.#journal.run(...row);
  }

  action(row: ActionRow): void {
    this.#action.run(...row);
  }

  state(json: string): void {
    this.#state.run(json);
  }

  meta(key: string, value: string): void {
    this.#meta.run(key, value);
  }

  /** The line number and session; after all others if unknown. */
  #place(n: number | null, session: number | null): [n: number, session: number] {
    if (n !== null && this.#isNumbered.get(n) === undefined) return [n, session ?? n];
    const last = this.#lastSaid.get();
    const next = (last?.n ?? 0) + 1;
    return [next, last?.session ?? next];
  }
}

/** The message of a row; undefined if too little of it can be read. */
export function messageOf({ id, createdAt, role, text, json, gist }: MessageRow): Message | undefined {
  const parsed = messageSchema().safeParse(parseJson(json));
  if (parsed.success) {
    // If the two copies of the text differ, the hash `gist` tells which one was changed.
    const isTextRight = text !== null && spokenText(parsed.data) !== text && gist === gistNumber(text);
    return { ...(isTextRight ? withText(parsed.data, text) : parsed.data), id };
  }
  return text === null ? undefined : saidAgain({ id, createdAt, role, speaker: null }, text);
}

/** The message with its text replaced, if the text is in one place. */
function withText(message: Message, text: string): Message {
  if (message.role === "user") return { ...message, content: withEnvelopeText(message.content, text) };
  if (message.role === "function" || message.calls.filter(({ name }) => name === "send_message").length !== 1)
    return message;
  const calls = message.calls.map((call) =>
    call.name === "send_message" ? { ...call, arguments: withEnvelopeText(call.arguments, text) } : call,
  );
  return { ...message, calls };
}

/** A new message with `text`, when nothing else is left of the original. */
export function saidAgain(
  { id, createdAt, role, speaker }: { id: string; createdAt: string; role: Role; speaker: string | null },
  text: string,
): Message {
  const name = speaker === null ? {} : { name: speaker };
  if (role === "user") {
    const content = JSON.stringify({ type: "user_message", message: text });
    return { id, createdAt, role, event: "user_message", content, ...name };
  }
  const call = { id: `call_${id}`, name: "send_message", arguments: JSON.stringify({ message: text }) };
  return { id, createdAt, role: "assistant", content: null, calls: [call], ...name };
}
