import type { Change } from "../ports/history.ts";
import type { JournalEntry } from "../ports/journal.ts";
import { type Held, heldSchema } from "../schema/quarantine.ts";
import { parseJson } from "./envelope.ts";

// A held write is not a field of the state, but is journaled like one: as the value before its release.

/** The journal entries of the writes that `change` releases from quarantine: each write, with the ids of what it became. */
export function releases({
  messages,
  passages,
  released = [],
}: Pick<Change, "messages" | "passages" | "released">): Pick<JournalEntry, "kind" | "ref" | "before" | "after">[] {
  const made = [...messages, ...passages].map(({ id }) => id);
  return released.map((held) => ({
    kind: "state",
    ref: "quarantine",
    before: JSON.stringify({ ...held, made }),
    after: null,
  }));
}

export function isRelease({ kind, ref }: JournalEntry): boolean {
  return kind === "state" && ref === "quarantine";
}

/** The write in a value of such an entry; none if it was forgotten. */
export function heldIn(json: string | null): Held[] {
  return json === null ? [] : [heldSchema().parse(JSON.parse(json))];
}

/** Ids of the messages and passages that the write became. */
export function madeBy(json: string): readonly string[] {
  const value = parseJson(json);
  if (typeof value !== "object" || value === null || !("made" in value) || !Array.isArray(value.made)) return [];
  return value.made.filter((id) => typeof id === "string");
}
