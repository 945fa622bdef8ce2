import type { Change } from "../ports/history.ts";
import type { JournalEntry } from "../ports/journal.ts";
import { type Held, heldSchema } from "../schema/quarantine.ts";
import { parseJson } from "./envelope.ts";

// A held write is no field of the state, but is journalled like one: as what was there before its release.

/** What the journal says of the writes that `change` releases from quarantine: each whole, with the ids of what it became. */
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

/** The write in a value of such an entry. A forgotten one has none. */
export function heldIn(json: string | null): Held[] {
  return json === null ? [] : [heldSchema.parse(JSON.parse(json))];
}

/** Ids of the messages and passages that the write became. */
export function madeBy(json: string): readonly string[] {
  const value = parseJson(json);
  if (typeof value !== "object" || value === null || !("made" in value) || !Array.isArray(value.made)) return [];
  return value.made.filter((id) => typeof id === "string");
}
