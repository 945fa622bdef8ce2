import { createHash } from "node:crypto";
import { type AgentRows, type Cell, TABLE_NAMES, type Table, layoutOf, portionsOf } from "./tables.ts";

/** A table's number of rows, and the SHA-256 of their content. */
type Sum = { readonly count: number; readonly sha256: string };

/** Checksums of an agent's content, which do not depend on where it is stored. */
export type Summary = Readonly<Record<Table | "state", Sum>>;

/** Vectors that can be recomputed, and are while an agent is in use. */
const DERIVED: readonly string[] = ["said_vectors", "reindexed"] satisfies Table[];

export async function summaryOf(rows: AgentRows, signal?: AbortSignal): Promise<Summary> {
  const { state, spent } = rows.head;
  const sums: Partial<Record<Table | "state", Sum>> = {};
  sums.state = {
    count: 1,
    sha256: createHash("sha256")
      .update(JSON.stringify([state, spent]))
      .digest("hex"),
  };
  for (const table of TABLE_NAMES) {
    const columns = Object.keys(layoutOf(table).columns);
    const hash = createHash("sha256");
    let count = 0;
    for await (const portion of portionsOf(rows, table, signal)) {
      count += portion.length;
      for (const row of portion) hash.update(`${JSON.stringify(columns.map((column) => written(row[column])))}\n`);
    }
    sums[table] = { count, sha256: hash.digest("hex") };
  }
  return sums as Summary;
}

/** How two agents differ, for an error message; empty if they are the same. `memory`: ignore recomputable vectors. */
export function differences(one: Summary, other: Summary, { memory = false } = {}): string {
  return (Object.keys(one) as (keyof Summary)[])
    .filter((part) => one[part].sha256 !== other[part].sha256 && !(memory && DERIVED.includes(part)))
    .map((part) => {
      const [here, there] = [one[part].count, other[part].count];
      const name = part.replace("_", " ");
      return here === there ? name : `${name} (${here} and ${there})`;
    })
    .join(", ");
}

function written(cell: Cell | undefined): unknown {
  return cell instanceof Uint8Array ? [Buffer.from(cell).toString("base64")] : cell;
}
