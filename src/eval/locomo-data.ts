import * as z from "zod";
import { type ImportedMessage, MemGPTError } from "../index.ts";
import { readJson } from "./dataset.ts";
import { sessionTimes, utc } from "./sessions.ts";

const turnSchema = z.object({
  speaker: z.string(),
  dia_id: z.string(),
  text: z.string(),
  blip_caption: z.string().nullish(),
});

const fileSchema = z.array(
  z.object({
    sample_id: z.string(),
    conversation: z.record(z.string(), z.unknown()),
    qa: z.array(z.object({ question: z.string(), evidence: z.array(z.string()).default([]), category: z.number() })),
  }),
);

const speechSchema = z.array(turnSchema);

/** A turn of a conversation. `id` is its name in evidence, such as `D3:14`; `session` is a number as text. */
export type LocomoTurn = { readonly id: string; readonly session: string; readonly message: ImportedMessage };

export type LocomoQuestion = {
  readonly question: string;
  readonly evidence: readonly string[];
  readonly category: number;
};

export type LocomoConversation = {
  readonly name: string;
  /** Oldest session first. */
  readonly turns: readonly LocomoTurn[];
  readonly questions: readonly LocomoQuestion[];
};

/** @throws MemGPTError as `readJson` does, and `invalid_input` for sessions that differ from the original format. */
export async function readLocomo(path: string): Promise<LocomoConversation[]> {
  const file = await readJson(path, fileSchema);
  return file.map(({ sample_id: name, conversation, qa }) => ({
    name,
    turns: turnsOf(conversation, `${path}, ${name}`),
    questions: qa,
  }));
}

function turnsOf(conversation: Readonly<Record<string, unknown>>, where: string): LocomoTurn[] {
  const numbers = Object.keys(conversation)
    .flatMap((key) => /^session_(\d+)$/.exec(key)?.[1] ?? [])
    .sort((a, b) => Number(a) - Number(b));
  const sessions = numbers.map((number) => {
    const speech = speechSchema.safeParse(conversation[`session_${number}`]);
    if (!speech.success) throw wrong(`${where}, session_${number} is not a list of turns`);
    const time = conversation[`session_${number}_date_time`];
    const start = startOf(typeof time === "string" ? time : "");
    if (Number.isNaN(start)) throw wrong(`${where}, session_${number}_date_time is not a time`);
    return { number, start, speech: speech.data };
  });
  const times = sessionTimes(sessions.map(({ start, speech }) => ({ start, turns: speech.length })));
  const first = sessions[0]?.speech[0]?.speaker;
  return sessions.flatMap(({ number, speech }, index) =>
    speech.flatMap((turn, at) => {
      const text = unitOf(turn);
      // An empty turn cannot be found.
      if (text === "") return [];
      const message = {
        role: turn.speaker === first ? ("user" as const) : ("assistant" as const),
        name: turn.speaker,
        text,
        createdAt: times[index]?.[at],
      };
      return [{ id: turn.dia_id, session: number, message }];
    }),
  );
}

/** The turn's text as the protocol indexes it, without the speaker, whom the message names. */
function unitOf({ text, blip_caption: caption }: z.infer<typeof turnSchema>): string {
  if (caption === undefined || caption === null) return text.trim();
  return `${text} and shared ${caption}`.trim();
}

/** Milliseconds of a time such as `1:56 pm on 8 May, 2023`, read as UTC; NaN if invalid. */
function startOf(text: string): number {
  const match = /^(\d{1,2}):(\d\d) (am|pm) on (\d{1,2}) (\w+),? (\d{4})$/i.exec(text.trim());
  const [, hour, minute, half, day, month, year] = match ?? [];
  const hours = (Number(hour) % 12) + (half?.toLowerCase() === "pm" ? 12 : 0);
  return utc(`${day ?? ""} ${month ?? ""} ${year ?? ""}`, hours, Number(minute));
}

function wrong(what: string): MemGPTError {
  return new MemGPTError("invalid_input", `${what}. Nothing was measured.`);
}
