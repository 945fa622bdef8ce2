import type { Agent, Passage } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import { bareId } from "./ids.ts";
import type { Owner } from "./owners.ts";

export type NewPassage = {
  readonly text: string;
  readonly tags?: readonly string[] | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  readonly created_at?: string | null | undefined;
};

/** Adds texts to an agent's archival memory. @returns the passages they were split into, in order. */
export async function addPassages(owner: Owner, entry: AgentEntry, texts: readonly NewPassage[]): Promise<Passage[]> {
  return owner.use(entry, async (agent) => {
    const added = texts.map(({ text, created_at }) => ({
      text,
      ...(created_at == null ? {} : { createdAt: created_at }),
    }));
    const ids = await agent.addPassages(added);
    for (const [index, { tags, metadata }] of texts.entries()) {
      if ((tags ?? []).length === 0 && metadata == null) continue;
      await owner.passageNotes.put(ids[index] ?? [], { tags: [...(tags ?? [])], metadata: { ...metadata } });
    }
    return passagesOf(agent, ids.flat());
  });
}

/**
 * Replaces a passage's text; its tags and metadata stay.
 *
 * @returns the passages the text was split into. @throws MemGPTError `not_found`.
 */
export async function replacePassage(owner: Owner, entry: AgentEntry, id: string, text: string): Promise<Passage[]> {
  const old = bareId("passage", id) ?? id;
  return owner.use(entry, async (agent) => {
    const ids = await agent.replacePassage(old, text);
    await owner.passageNotes.put(ids, owner.passageNotes.of(old));
    return passagesOf(agent, ids);
  });
}

async function passagesOf(agent: Agent, ids: readonly string[]): Promise<Passage[]> {
  const found = await Promise.all(ids.map((id) => agent.archival.get(id)));
  return found.filter((passage) => passage !== undefined);
}
