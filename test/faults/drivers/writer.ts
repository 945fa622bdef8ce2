import * as fs from "node:fs";
import { join } from "node:path";
import { loadSqlite } from "../../../src/storage/sqlite/load-sqlite.ts";

/** Changes files below a folder in every way, and prints what became of each. */
const root = process.argv[2] ?? "";
const Sqlite = await loadSqlite();
const prepared = join(root, `prepared-${process.pid}`);
const said: Record<string, string> = {};
// What the others work on is made by a call of their own kind, so it is there before they fail.
const fd = attempt("open", () => fs.openSync(prepared, "w+"));
attempt("write", () => fs.writeSync(fd ?? 1, fd === undefined ? "" : "text"));
attempt("sync", () => {
  if (fd !== undefined) fs.fsyncSync(fd);
});
attempt("truncate", () => {
  if (fd !== undefined) fs.ftruncateSync(fd, 1);
});
attempt("rename", () => {
  fs.renameSync(prepared, `${prepared}.moved`);
});
attempt("unlink", () => {
  fs.rmSync(fs.existsSync(prepared) ? prepared : `${prepared}.moved`);
});
attempt("sqlite", () => {
  const db = new Sqlite(join(root, `${process.pid}.db`));
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  db.close();
});
process.stdout.write(JSON.stringify(said));

function attempt<T>(what: string, work: () => T): T | undefined {
  try {
    const result = work();
    said[what] = "done";
    return result;
  } catch (error) {
    said[what] = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return undefined;
  }
}
