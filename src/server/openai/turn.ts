import * as z from "zod";
import type { Context } from "hono";
import { spokenText } from "../../index.ts";
import type { Env } from "../http/api.ts";
import { Refusal } from "../house/refusal.ts";
import type { Service } from "../http/service.ts";
import { type Line, Place } from "../house/place.ts";
import { type Part, Run } from "../house/run.ts";
import type { TurnItem } from "../house/turn-item.ts";
import { runTurn } from "../house/turns.ts";
import { agentNamed } from "./agent-named.ts";
import { answerTask, isTask } from "./tasks.ts";

const content = z
  .union([z.string(), z.array(z.looseObject({ type: z.string().optional(), text: z.string().optional() }))])
  .nullish();
export const chatMessage = z.looseObject({ role: z.string(), content });

/** The person's and the agent's lines in a transcript. A lone system message counts as the person's. */
export function linesOf(messages: readonly z.output<typeof chatMessage>[]): Line[] {
  return messages.flatMap(({ role: by, content: said }) => {
    const role = by === "system" && messages.length === 1 ? "user" : by;
    if (role !== "user" && role !== "assistant") return [];
    const text =
      typeof said === "string" ? said : (said ?? []).map((part) => part.text ?? `[${part.type ?? "part"}]`).join("\n");
    return [{ role, text }];
  });
}

/** A reply in progress: its pieces of text, and its usage at the end. */
export type Reply = {
  readonly pieces: AsyncIterable<string>;
  /** Resolves with the usage in tokens once the reply is complete. @throws the error that ended the turn. */
  readonly ended: () => Promise<{ readonly prompt: number; readonly completion: number }>;
  readonly cancel: () => void;
  /** Resolves once the response's status is known. @throws an error until then. */
  readonly begun: () => Promise<void>;
};

export type Asked = {
  readonly model: string;
  readonly lines: readonly Line[];
  /** Whether the lines are the whole transcript; true if absent. */
  readonly isWhole?: boolean;
  /** The client's id of the conversation, if it sends one. */
  readonly chat?: string | undefined;
};

/**
 * Sends the newest user line to the agent named by `model`. The lines before it are not stored again; they give its position in
 * the conversation.
 */
export async function reply(
  c: Context<Env>,
  service: Service,
  { model, lines, isWhole = true, chat }: Asked,
): Promise<Reply> {
  const owner = c.get("owner");
  const last = lines.findLastIndex(({ role }) => role === "user");
  const upToLast = lines.slice(0, last + 1);
  const text = lines[last]?.text ?? "";
  if (text.trim() === "") throw new Refusal(400, "invalid_input", "The request has no user message with text.");
  const entry = await agentNamed(owner, service.models, model, c.get("warnings"));
  if (isTask(upToLast)) {
    const state = await owner.read(entry, (store) => store.load());
    if (state !== undefined) return taskReply(answerTask(owner.memgpt, state.settings, text, c.req.raw.signal), text);
  }
  const place = isWhole ? new Place(upToLast, chat) : undefined;
  const isRepeat = Number(c.req.header("x-stainless-retry-count") ?? 0) > 0;
  const run = new Run(entry, () => ({ shape: spokenPieces(), background: false }), { id: service.runs.newId() });
  service.runs.add(owner, run);
  void run.follow(runTurn(owner, entry, { text, from: "user", isRepeat, place }, run.signal), service.metrics);
  return {
    pieces: piecesOf(run),
    cancel: () => {
      run.cancel();
    },
    begun: async () => {
      await run.begun();
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
  // Whoever awaits the answer gets its error; this only prevents an unhandled rejection.
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

/** The text that a turn's events say to the person, piece by piece. */
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

/** The whole text of a reply. */
export async function wholeOf({ pieces }: Reply): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}
