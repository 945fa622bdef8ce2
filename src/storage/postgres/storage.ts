import type { Records } from "../../ports/records.ts";
import type { Storage } from "../../ports/storage.ts";
import type { Connection } from "./connect.ts";
import { PgRecords } from "./records.ts";
import { PgAgentRepository } from "./repository.ts";
import { PgSourceRepository } from "./sources.ts";

type Options = {
  readonly owner: string;
  readonly now: () => string;
  /** The file of lines typed in the chat. */
  readonly typed?: string | undefined;
};

/** All storage of one owner in a PostgreSQL database. */
export function pgStorage(connection: Connection, { owner, now, typed }: Options): Storage {
  const books = new Map<string, Records>();
  const records = (book: string): Records => {
    const known = books.get(book) ?? new PgRecords(connection, { owner, book });
    books.set(book, known);
    return known;
  };
  const common = { typed, blocks: records("blocks"), server: records("records") };
  const repository = new PgAgentRepository(connection, { owner, now, common });
  return { repository, sources: new PgSourceRepository(connection, owner), records };
}
