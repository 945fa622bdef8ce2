import { MemGPTError } from "memgpt";
import { FaultControl } from "../../../bench/faults/shim.ts";
import type { Fault } from "../../../bench/faults/fault.ts";
import { openDatabase, storing } from "../../../src/storage/sqlite/database.ts";

/** Stores rows of which the last cannot be synced, prints what was said of it, and ends as if killed. */
const [root = "", file = "", kind = "sync"] = process.argv.slice(2);
const control = new FaultControl(process.env["FAULT_CONTROL"] ?? "");
const db = await openDatabase(file);
db.exec("CREATE TABLE t (x)");
store(0);
control.arm(root, undefined);
store(1);
control.disarm();
// The sync is the last call of a commit.
const fault: Fault = {
  kind: kind === "any" ? "any" : "sync",
  k: kind === "any" ? control.count : 1,
  errno: "EIO",
  lasting: true,
};
control.arm(root, fault);
try {
  store(2);
} catch (error) {
  process.stdout.write(error instanceof MemGPTError ? `${error.kept}: ${error.message}` : String(error));
}
control.disarm();
process.kill(process.pid, "SIGKILL");

function store(x: number): void {
  storing(db, () => db.prepare("INSERT INTO t VALUES (?)").run(x));
}
