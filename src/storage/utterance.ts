import type { Utterance } from "../ports/recall.ts";

/** Columns of `messages m` that make an utterance. */
export const UTTERANCE = "m.id, m.role, m.speaker, m.session, m.text, m.created_at";

export type UtteranceRow = {
  id: string;
  role: string;
  speaker: string | null;
  session: number;
  text: string;
  created_at: string;
};

export function toUtterance({ id, role, speaker, session, text, created_at: createdAt }: UtteranceRow): Utterance {
  return { id, role: role === "user" ? "user" : "assistant", speaker, session, text, createdAt };
}
