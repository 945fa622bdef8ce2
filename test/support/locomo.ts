import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/** Real conversations, which are not part of the repository (their licence does not allow it). */
export const LOCOMO_FILE = fileURLToPath(new URL("../../../shared/data/locomo/locomo-dev.json", import.meta.url));
export const hasLocomo = existsSync(LOCOMO_FILE);

const turnsSchema = z.array(z.object({ speaker: z.string(), dia_id: z.string(), text: z.string() }));
const fileSchema = z.array(z.looseObject({ conversation: z.record(z.string(), z.unknown()) }));

/** One thing somebody said. `time` is ISO 8601 in UTC, one second after the turn before it. */
export type LocomoTurn = { readonly speaker: string; readonly text: string; readonly time: string };

/** Every turn of conversation number `index`, oldest first. */
export function locomoTurns(index: number): LocomoTurn[] {
  const conversation = fileSchema.parse(JSON.parse(readFileSync(LOCOMO_FILE, "utf8")))[index]?.conversation ?? {};
  const sessions = Object.keys(conversation).flatMap((key) => /^session_(\d+)$/.exec(key)?.[1] ?? []);
  return sessions
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((session) => {
      const turns = turnsSchema.parse(conversation[`session_${session}`]);
      const start = sessionStart(z.string().parse(conversation[`session_${session}_date_time`]));
      return turns.map(({ speaker, text }, turn) => ({
        speaker,
        text,
        time: new Date(start + turn * 1000).toISOString(),
      }));
    });
}

/** Milliseconds of a time such as `1:56 pm on 8 May, 2023`, taken as UTC. */
function sessionStart(text: string): number {
  const match = /^(\d+):(\d+) (am|pm) on (\d+) (\w+), (\d+)$/.exec(text);
  const [, hour, minute, half, day, month, year] = match ?? [];
  const at = Date.parse(`${day} ${month} ${year} UTC`);
  if (Number.isNaN(at)) throw new Error(`Not a session time: ${text}`);
  return at + (((Number(hour) % 12) + (half === "pm" ? 12 : 0)) * 60 + Number(minute)) * 60_000;
}
