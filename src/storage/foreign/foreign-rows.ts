import { MemGPTError } from "../../errors.ts";

/** A row of a table or a query, by the names of its columns. */
export type ForeignRow = Readonly<Record<string, unknown>>;

/** What to read of a database: the rows of a query, or those of a table. */
export type ForeignQuery = { readonly query: string } | { readonly table: string };

/** Rows held in memory at a time. */
export const AT_A_TIME = 200;

/** A SQLite file, or a PostgreSQL server. */
export type ForeignDatabase = { readonly file: string } | { readonly url: string };

/**
 * Parses the name of a database: a path, or a URL, also in SQLAlchemy's spelling (`sqlite:///notes.db`,
 * `postgresql+pg8000://…`).
 */
export function foreignDatabase(name: string): ForeignDatabase {
  const { path } = /^sqlite(?:\+\w+)?:\/\/\/(?<path>.+)$/.exec(name)?.groups ?? {};
  if (path !== undefined) return { file: path };
  const url = name.replace(/^(postgres(?:ql)?)\+\w+:/, "$1:");
  if (/^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) return { url };
  if (!/^[a-z][\w+.-]+:\/\//i.test(name)) return { file: name };
  // The name is not quoted, because it may contain a password.
  const message = "The database must be a SQLite file or a URL such as postgres://user@host/name. Nothing was loaded.";
  throw new MemGPTError("invalid_input", message);
}

/** The SQL statement for a query or a table. */
export function statementOf(asked: ForeignQuery): string {
  if ("query" in asked) return asked.query.replace(/[;\s]+$/, "");
  const name = asked.table
    .split(".")
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join(".");
  return `SELECT * FROM ${name}`;
}
