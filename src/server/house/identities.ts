import * as z from "zod";
import { MemGPTError, type Records, Table } from "../../index.ts";
import { newId } from "./ids.ts";

const identitySchema = z.object({
  identifierKey: z.string(),
  name: z.string(),
  identityType: z.string().default("other"),
  properties: z.array(z.unknown()).default([]),
});
export type IdentityRecord = z.infer<typeof identitySchema>;
export type IdentityEntry = IdentityRecord & { readonly id: string };

/** Whom a user's agents are for, as the user's own program knows them. */
export class IdentityBook {
  readonly #table: Table<IdentityRecord>;

  constructor(records: Records) {
    this.#table = new Table(records, "identity", identitySchema);
  }

  /** @throws MemGPTError `not_found`. */
  get(id: string): IdentityEntry {
    const record = this.#table.get(id);
    if (record !== undefined) return { id, ...record };
    throw new MemGPTError("not_found", `There is no identity ${id}.`);
  }

  all(): IdentityEntry[] {
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  /** Those of `ids` that there are. */
  of(ids: readonly string[]): IdentityEntry[] {
    return ids.length === 0 ? [] : this.all().filter(({ id }) => ids.includes(id));
  }

  place(id: string): number | undefined {
    return this.#table.place(id);
  }

  /** Ids of those that have one of these keys. */
  keyed(keys: readonly string[]): string[] {
    return this.all().flatMap(({ id, identifierKey }) => (keys.includes(identifierKey) ? [id] : []));
  }

  /** Keeps an identity: a new one, or in place of what `id` names. */
  put(record: Partial<IdentityRecord>, id = newId("identity")): IdentityEntry {
    return { id, ...this.#table.put(id, identitySchema.parse(record)) };
  }

  remove(id: string): void {
    this.get(id);
    this.#table.remove(id);
  }
}
