import { type SumValue, type SummedTable, rowSum } from "../sqlite/sums.ts";
import { type NewRows, messageOf } from "./new-rows.ts";
import type { Scan } from "./scan.ts";
import { type MessageRow, type PassageRow, asSum } from "./shapes.ts";

/** Returns a check of whether a row's values match its checksum. A row without a readable checksum passes. */
export function trustIn(found: Scan, table: SummedTable): (values: readonly SumValue[]) => boolean {
  const sums = new Map(found.entries(`${table}_sums`, asSum));
  return (values) => {
    const sum = sums.get(Number(values[0]));
    if (sum === undefined || sum === rowSum(...values)) return true;
    // Older versions computed checksums without the origin.
    return values.at(-1) === null && sum === rowSum(...values.slice(0, -1));
  };
}

/** Writes messages and passages that match their checksums, and holds the others back until better copies were looked for. */
export class DoubtedRows {
  /** Rows kept although they do not match their checksums. */
  readonly kept: string[] = [];
  readonly #rows: NewRows;
  readonly #isMessage: ReturnType<typeof trustIn>;
  readonly #isPassage: ReturnType<typeof trustIn>;
  readonly #messages: MessageRow[] = [];
  readonly #passages: PassageRow[] = [];

  constructor(found: Scan, rows: NewRows) {
    this.#rows = rows;
    this.#isMessage = trustIn(found, "messages");
    this.#isPassage = trustIn(found, "passages");
  }

  message(row: MessageRow): void {
    const message = messageOf(row);
    if (message === undefined) return;
    const { seq, id, createdAt, role, json, live, n, session, speaker } = row;
    // Its text is stored twice, and the other copy may have repaired the JSON.
    const isIntact = [json, JSON.stringify(message)].some((text) =>
      this.#isMessage([seq, id, createdAt, role, text, live, n, session, speaker]),
    );
    if (isIntact) this.#rows.message({ ...row, message });
    else this.#messages.push(row);
  }

  passage(row: PassageRow): void {
    const { seq, id, createdAt, text, embedding, live, origin } = row;
    if (this.#isPassage([seq, id, createdAt, text, embedding, live, origin])) this.#rows.passage(row);
    else this.#passages.push(row);
  }

  keepMessages(): void {
    for (const row of this.#messages) {
      const message = messageOf(row);
      if (message !== undefined && this.#rows.message({ ...row, message })) this.kept.push(`message ${row.id}`);
    }
  }

  keepPassages(): void {
    for (const row of this.#passages) if (this.#rows.passage(row)) this.kept.push(`passage ${row.id}`);
  }
}
