import * as z from "zod";
import type { Records } from "../../index.ts";
import { Book, type Entry } from "./book.ts";

const identitySchema = z.object({
  identifierKey: z.string(),
  name: z.string(),
  identityType: z.string().default("other"),
  properties: z.array(z.unknown()).default([]),
});
export type IdentityRecord = z.infer<typeof identitySchema>;
export type IdentityEntry = Entry<IdentityRecord>;

/** Identities: the people that a user's agents serve, under the user's own keys. */
export class IdentityBook extends Book<IdentityRecord> {
  constructor(records: Records) {
    super(records, { kind: "identity", schema: identitySchema, noun: "identity", prefix: "identity" });
  }

  /** The identities among `ids` that exist. */
  of(ids: readonly string[]): IdentityEntry[] {
    return ids.length === 0 ? [] : this.all().filter(({ id }) => ids.includes(id));
  }

  /** Ids of the identities with one of these identifier keys. */
  keyed(keys: readonly string[]): string[] {
    return this.all().flatMap(({ id, identifierKey }) => (keys.includes(identifierKey) ? [id] : []));
  }
}
