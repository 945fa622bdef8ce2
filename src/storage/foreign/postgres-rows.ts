import pg from "pg";
import { MemGPTError, describe } from "../../errors.ts";
import { reasonOf } from "../postgres/database.ts";
import { shownDatabase } from "../postgres/url.ts";
import { AT_A_TIME, type ForeignRow } from "./foreign-rows.ts";

const CONNECTING_MS = 10_000;

/**
 * The rows of one statement, in a transaction that may only read.
 *
 * @throws MemGPTError `storage_failed` if the server cannot be reached, `invalid_input` if it refuses the statement.
 */
export async function* postgresRows(url: string, statement: string): AsyncGenerator<ForeignRow, void, void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECTING_MS,
    application_name: "memgpt",
  });
  // The running statement reports a broken connection.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    const message = `Cannot connect to ${shownDatabase(url)} (${reasonOf(cause)}). Nothing was loaded.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
  const run = async (text: string): Promise<ForeignRow[]> => {
    // The extended protocol accepts only one statement at a time.
    const config = { text, queryMode: "extended" };
    try {
      return (await client.query<ForeignRow>(config)).rows;
    } catch (cause) {
      throw new MemGPTError("invalid_input", `${shownDatabase(url)}: ${describe(cause)}.`, { cause });
    }
  };
  try {
    await run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    await run(`DECLARE memgpt_rows NO SCROLL CURSOR FOR ${statement}`);
    for (;;) {
      const rows = await run(`FETCH ${AT_A_TIME} FROM memgpt_rows`);
      if (rows.length === 0) return;
      yield* rows;
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}
