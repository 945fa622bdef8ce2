import * as z from "zod";
import type { Context } from "hono";
import { spokenText } from "../../index.ts";
import type { Env } from "../http/api.ts";
import { Refusal } from "../house/refusal.ts";
import type { Service } from "../http/service.ts";
import { type Line, Place } from "../house/place.ts";
import { type Part, Run } from "../house/runs.ts";
import type { TurnItem } from "../house/turn-item.ts";
import { runTurn } from "../house/turns.ts";
import { agentNamed } from "./agent-named.ts";
import { answerTask, isTask } from "./tasks.ts";

const content = z
  .union([z.string(), z.array(z.looseObject({ type: z.string().optional(), text: z.string().optional() }))])
  .nullish();
export const chatMessage = z.looseObject({ role: z.string(), content });

/** What of a conversation's copy counts: what the person and the agent said. A prompt with nothing after it is said, too. */
export function linesOf(messages: readonly z.output<typeof chatMessage>[]): Line[] {
  return messages.flatMap(({ role: by, content: said }) => {
    const role = by === "system" && messages.length === 1 ? "user" : by;
    if (role !== "user" && role !== "assistant") return [];
    const text =
      typeof said === "string" ? said : (said ?? []).map((part) => part.text ?? `[${part.type ?? "part"}]`).join("\n");
    return [{ role, text }];
  });
}

/** A reply that is being written: its pieces, and at the end what it took. */
export type Reply = {
  readonly pieces: AsyncIterable<string>;
  /** Resolves when the reply is whole. @throws what made it fail. */
  readonly ended: () => Promise<{ readonly prompt: number; readonly completion: number }>;
  readonly cancel: () => void;
  /** Resolves when the answer's status is known. @throws what made it fail before that. */
  readonly begun: () => Promise<void>;
};

export type Asked = {
  readonly model: string;
  readonly lines: readonly Line[];
  /** Whether the lines are a copy of the whole conversation; true if absent. */
  readonly isWhole?: boolean;
};

const BEGIN_WITHIN = 2000;

/**
 * Sends the newest line of a conversation to the agent that a client means by `model`. The copy of what was said before is not stored
 * again; it tells where the line stands.
 */
export async function reply(
  c: Context<Env>,
  service: Service,
  { model, lines, isWhole = true }: Asked,
): Promise<Reply> {
  const owner = c.get("owner");
  const last = lines.findLastIndex(({ role }) => role === "user");
  const said = lines.slice(0, last + 1);
  const text = lines[last]?.text ?? "";
  if (text.trim() === "") throw new Refusal(400, "invalid_input", "There is no message of a user to answer.");
  const entry = await agentNamed(owner, service.models, model, c.get("warnings"));
  if (isTask(said)) {
    const state = await owner.read(entry, (store) => store.load());
    if (state !== undefined) return taskReply(answerTask(owner.memgpt, state.settings, text, c.req.raw.signal), text);
  }
  const place = isWhole ? new Place(said, c.req.header("x-openwebui-chat-id")) : undefined;
  const isRepeat = Number(c.req.header("x-stainless-retry-count") ?? 0) > 0;
  const run = new Run(entry, () => ({ shape: spokenPieces(), background: false }));
  service.runs.add(owner.id, run);
  void run.follow(runTurn(owner, entry, { text, from: "user", isRepeat, place }, run.signal), service.metrics);
  return {
    pieces: piecesOf(run),
    cancel: () => {
      run.cancel();
    },
    begun: async () => {
      await run.begun(BEGIN_WITHIN);
      if (run.status === "failed") throw run.error;
    },
    ended: async () => {
      await run.ended();
      if (run.status === "failed") throw run.error;
      return run.usage;
    },
  };
}

function taskReply(answer: Promise<string>, text: string): Reply {
  // Its failure reaches those who await it.
  answer.catch(() => undefined);
  return {
    pieces: (async function* () {
      yield await answer;
    })(),
    cancel: () => undefined,
    begun: async () => undefined,
    ended: async () => ({ prompt: Math.ceil(text.length / 4), completion: Math.ceil((await answer).length / 4) }),
  };
}

async function* piecesOf(run: Run): AsyncGenerator<string, void, void> {
  for await (const part of run.from()) yield String(part["text"]);
}

/** What a turn's events say to the person, piece by piece. */
function spokenPieces(): (item: TurnItem) => readonly Part[] {
  let [isStreamed, hasSpoken] = [false, false];
  const piece = (text: string): Part[] => {
    hasSpoken = true;
    return [{ text }];
  };
  const apart = (text: string): string => (hasSpoken ? `\n\n${text}` : text);
  return (item) => {
    if (item.type === "step_start") isStreamed = false;
    if (item.type === "assistant_message_delta") {
      const text = isStreamed ? item.text : apart(item.text);
      isStreamed = true;
      return piece(text);
    }
    if (item.type === "assistant_message" && !isStreamed) return piece(apart(item.text));
    if (item.type !== "stored" || item.message.role !== "assistant") return [];
    const text = spokenText(item.message);
    return text === undefined ? [] : piece(apart(text));
  };
}

/** The whole of a reply. */
export async function wholeOf({ pieces }: Reply): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}
