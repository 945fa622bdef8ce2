import type { Statement } from "better-sqlite3";
import { spokenText } from "../../memory/envelope.ts";
import { jsonOf } from "../../memory/json-of.ts";
import type { Message } from "../../schema/message.ts";
import { traitsOf } from "../../search/recall/traits.ts";
import { SESSION_GAP_MS, gistNumber } from "../stored-values.ts";
import type { Database } from "./load-sqlite.ts";

/** The number of a line, and that of the first line of its session. */
type Place = { readonly n: number; readonly session: number };

type Content = [text: string | null, traits: number | null, gist: number | null, json: string];
type Where = [n: number | null, session: number | null, speaker: string | null];
type Row = [id: string, createdAt: string, role: string, ...content: Content, ...where: Where];

/** The rows of the `messages` table, for use inside a transaction. The full-text index follows by triggers. */
export class MessageRows {
  readonly #add: Statement<Row>;
  readonly #bringBack: Statement<Row>;
  readonly #rewrite: Statement<[...Content, ...Where, id: string]>;
  readonly #setLive: Statement<[live: number, id: string], { json: string }>;
  readonly #json: Statement<[id: string], { json: string }>;
  readonly #last: Statement<[], { n: number; session: number; created_at: string }>;
  readonly #place: Statement<[id: string], { n: number | null; session: number | null }>;

  constructor(db: Database) {
    const insert = `INSERT INTO messages (id, created_at, role, text, traits, gist, json, n, session, speaker)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
    this.#add = db.prepare(insert);
    this.#bringBack = db.prepare(`${insert} ON CONFLICT (id) DO UPDATE SET live = 1 WHERE live = 0`);
    this.#rewrite = db.prepare(
      `UPDATE messages SET text = ?, traits = ?, gist = ?, json = ?, n = ?, session = ?, speaker = ? WHERE id = ?`,
    );
    this.#setLive = db.prepare("UPDATE messages SET live = ? WHERE id = ? RETURNING json");
    this.#json = db.prepare("SELECT json FROM messages WHERE id = ?");
    this.#last = db.prepare("SELECT n, session, created_at FROM messages WHERE n IS NOT NULL ORDER BY n DESC LIMIT 1");
    this.#place = db.prepare("SELECT n, session FROM messages WHERE id = ?");
  }

  /** @throws SqliteError if the id is taken. */
  add(message: Message): void {
    this.#add.run(...this.#row(message));
  }

  /** Adds or restores a message. @returns whether it was missing. */
  bringBack(message: Message): boolean {
    return this.#bringBack.run(...this.#row(message)).changes > 0;
  }

  /** Replaces the content of the message with the same id. */
  rewrite(message: Message): void {
    const [text, ...rest] = content(message);
    const { n, session } = this.#place.get(message.id) ?? { n: null, session: null };
    const place = n === null || session === null ? this.#next(message) : { n, session };
    this.#rewrite.run(text, ...rest, ...where(message, text === null ? undefined : place), message.id);
  }

  /** @returns the stored message as JSON; undefined if the id is unknown. */
  setLive(id: string, live: boolean): string | undefined {
    return this.#setLive.get(live ? 1 : 0, id)?.json;
  }

  /** The stored message as JSON, live or not; undefined if the id is unknown. */
  json(id: string): string | undefined {
    return this.#json.get(id)?.json;
  }

  #row(message: Message): Row {
    const [text, ...rest] = content(message);
    const place = text === null ? undefined : this.#next(message);
    return [message.id, message.createdAt, message.role, text, ...rest, ...where(message, place)];
  }

  #next({ createdAt }: Message): Place {
    const last = this.#last.get();
    const n = (last?.n ?? 0) + 1;
    if (last === undefined) return { n, session: n };
    const pause = Math.abs(Date.parse(createdAt) - Date.parse(last.created_at));
    return { n, session: pause > SESSION_GAP_MS ? n : last.session };
  }
}

function content(message: Message): Content {
  const [text, json] = [spokenText(message), jsonOf(message)];
  return text === undefined ? [null, null, null, json] : [text, traitsOf(text), gistNumber(text), json];
}

function where(message: Message, place: Place | undefined): Where {
  if (place === undefined) return [null, null, null];
  return [place.n, place.session, message.role === "function" ? null : (message.name ?? null)];
}
