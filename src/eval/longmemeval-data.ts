import * as z from "zod";
import type { ImportedMessage } from "../index.ts";
import { withoutGold } from "./longmemeval-score.ts";
import { utc } from "./sessions.ts";

/** Unit to rank: sessions, or turns of the user. */
export type Unit = "turn" | "session";

const turnSchema = z.object({ role: z.string(), content: z.string(), has_answer: z.boolean().optional() });
export type Turn = z.infer<typeof turnSchema>;

/** A question and the sessions to search for its answer. */
export const entrySchema = z
  .object({
    question_id: z.string(),
    question: z.string(),
    haystack_session_ids: z.array(z.string()),
    haystack_dates: z.array(z.string()),
    haystack_sessions: z.array(z.array(turnSchema)),
  })
  .refine(
    ({ haystack_session_ids: ids, haystack_dates: dates, haystack_sessions: sessions }) =>
      ids.length === sessions.length && dates.length === sessions.length,
    { error: "haystack_session_ids, haystack_dates and haystack_sessions differ in length" },
  );
export type Entry = z.infer<typeof entrySchema>;

/**
 * A unit to rank, as the authors index it. `id` is its name for one question: units named after an answer that the user's
 * own turns do not contain are renamed. `name` is the same for all questions. `session` and `turn` are indexes in the
 * haystack; a whole session has no turn.
 */
export type Document = {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly session: number;
  readonly turn?: number;
};

export function corpusOf({ haystack_session_ids: ids, haystack_sessions: sessions }: Entry, unit: Unit): Document[] {
  return sessions.flatMap((turns, session): Document[] => {
    const id = ids[session] ?? "";
    const own = turns.flatMap((turn, index) => (turn.role === "user" ? [{ ...turn, index }] : []));
    if (unit === "session") {
      const isTarget = own.some((turn) => turn.has_answer === true);
      const text = own.map(({ content }) => content).join(" ");
      return [{ id: isTarget ? id : withoutGold(id), name: id, text, session }];
    }
    return own.map(({ content, has_answer: hasAnswer, index }) => {
      const name = turnName(id, index);
      return { id: hasAnswer === true ? name : withoutGold(name), name, text: content, session, turn: index };
    });
  });
}

/** The name of a turn: its session's id and its index there. */
export function turnName(session: string, turn: number): string {
  return `${session}_${turn + 1}`;
}

/** Whether the question is about something never said. */
export function isAbstention(questionId: string): boolean {
  return questionId.includes("_abs");
}

/** The user's messages, without blank ones, with their indexes in the session. @param times of all turns. */
export function saidIn(turns: readonly Turn[], times: readonly string[]): { message: ImportedMessage; turn: number }[] {
  return turns.flatMap(({ role, content }, turn) => {
    if (role !== "user" || content.trim() === "") return [];
    return [{ message: { role: "user" as const, text: content, createdAt: times[turn] }, turn }];
  });
}

/** Milliseconds of a time such as `2023/05/20 (Sat) 02:21`, read as UTC; the year 2000 if invalid. */
export function startOf(text: string): number {
  const [, day = "", hour, minute] = /^(\d{4}\/\d{1,2}\/\d{1,2})(?: \(\w+\))? (\d{1,2}):(\d\d)/.exec(text) ?? [];
  const start = utc(day, Number(hour), Number(minute));
  return Number.isNaN(start) ? Date.UTC(2000) : start;
}
