import type { Statement } from "better-sqlite3";
import { spokenText } from "../../memory/envelope.ts";
import type { Message } from "../../schema/message.ts";
import { segment } from "../../search/query.ts";
import type { Database } from "./load-sqlite.ts";

type Content = [text: string | null, terms: string | null, json: string];
type Row = [id: string, createdAt: string, role: string, ...content: Content];

/** The rows of the `messages` table, for use inside a transaction. The full-text index follows by triggers. */
export class MessageRows {
  readonly #add: Statement<Row>;
  readonly #bringBack: Statement<Row>;
  readonly #rewrite: Statement<[...Content, id: string]>;
  readonly #setLive: Statement<[live: number, id: string], { json: string }>;
  readonly #json: Statement<[id: string], { json: string }>;

  constructor(db: Database) {
    const insert = "INSERT INTO messages (id, created_at, role, text, terms, json) VALUES (?, ?, ?, ?, ?, ?)";
    this.#add = db.prepare(insert);
    this.#bringBack = db.prepare(`${insert} ON CONFLICT (id) DO UPDATE SET live = 1 WHERE live = 0`);
    this.#rewrite = db.prepare("UPDATE messages SET text = ?, terms = ?, json = ? WHERE id = ?");
    this.#setLive = db.prepare("UPDATE messages SET live = ? WHERE id = ? RETURNING json");
    this.#json = db.prepare("SELECT json FROM messages WHERE id = ?");
  }

  /** @throws what SQLite throws if the id is taken. */
  add(message: Message): void {
    this.#add.run(...row(message));
  }

  /** Sees to it that the message is there. @returns whether it was not. */
  bringBack(message: Message): boolean {
    return this.#bringBack.run(...row(message)).changes > 0;
  }

  /** Gives the message of that id another content. */
  rewrite(message: Message): void {
    this.#rewrite.run(...content(message), message.id);
  }

  /** @returns the message as it is stored; undefined if there is none of that id. */
  setLive(id: string, live: boolean): string | undefined {
    return this.#setLive.get(live ? 1 : 0, id)?.json;
  }

  /** The message as it was stored, live or not; undefined if there never was one of that id. */
  json(id: string): string | undefined {
    return this.#json.get(id)?.json;
  }
}

function row(message: Message): Row {
  return [message.id, message.createdAt, message.role, ...content(message)];
}

function content(message: Message): Content {
  const text = spokenText(message) ?? null;
  return [text, text === null ? null : termsOf(text), JSON.stringify(message)];
}

/** What the full-text index reads, where it is not the text itself. */
export function termsOf(text: string): string | null {
  const terms = segment(text);
  return terms === text ? null : terms;
}
