import { parseJson } from "../memory/envelope.ts";
import { addedSentences } from "../memory/forgetting.ts";
import type { JournalEntry } from "../ports/journal.ts";
import type { ForgetNote, ForgetOrder } from "../schema/forgetting.ts";
import { blockSchema } from "../schema/state.ts";

/** A journal entry by which an agent's message changed a block or stored a passage, with the passage's text. */
export type NotedEntry = Pick<JournalEntry, "cause" | "kind" | "ref" | "before" | "after"> & {
  readonly text: string | null;
};

/** What the agent noted because of what is forgotten. `causes`: ids of the messages that noted it. */
export type Notes = {
  readonly sentences: ForgetOrder["notes"];
  readonly passages: readonly ForgetNote[];
  readonly causes: readonly string[];
};

/** @param keep Labels of blocks and ids of passages to keep, together with the messages that wrote them. */
export function notesOf(entries: Iterable<NotedEntry>, keep: readonly string[]): Notes {
  const sentences = new Map<string, [label: string, sentence: string]>();
  const passages = new Map<string, string>();
  const causes = new Set<string>();
  for (const { cause, kind, ref, before, after, text } of entries) {
    if (keep.includes(ref)) continue;
    const added = kind === "block" ? addedSentences(valueIn(before), valueIn(after)) : [];
    for (const sentence of added) sentences.set(`${ref}\n${sentence}`, [ref, sentence]);
    if (kind === "passage") passages.set(ref, text ?? "");
    if (kind === "passage" || added.length > 0) causes.add(cause);
  }
  return {
    sentences: [...sentences.values()],
    passages: [...passages].map(([id, text]) => ({ id, text })),
    causes: [...causes],
  };
}

function valueIn(json: string | null): string {
  const read = blockSchema().safeParse(json === null ? null : parseJson(json));
  return read.success ? read.data.value : "";
}
