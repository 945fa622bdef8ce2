import type { MainContext } from "../../schema/context.ts";
import type { FunctionMessage, Message } from "../../schema/message.ts";
import { fieldOf, fieldsOf, textIn } from "../../schema/message-fields.ts";
import { shownBlocks } from "../../schema/shown-blocks.ts";
import { ownWords } from "../../schema/own-words.ts";
import { dayOf, type Day } from "../../time/format.ts";

/** A call with its return. `alerted`: a memory alert prompted it. */
export type Done = {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly status: "OK" | "Failed" | "unknown";
  readonly output: string;
  readonly alerted: boolean;
};

/** The main context as the rules see it. */
export type View = {
  /** The block about the person. */
  readonly human: { readonly value: string; readonly limit: number };
  /** The other blocks, without the persona. */
  readonly otherBlocks: readonly { readonly label: string; readonly value: string }[];
  readonly today: Day;
  /** The user message or login that awaits an answer; undefined if neither is in the queue. */
  readonly wake: { readonly event: "user_message" | "login"; readonly text: string } | undefined;
  /** The calls since then, and all in the queue, oldest first. */
  readonly calls: readonly Done[];
  readonly allCalls: readonly Done[];
  readonly hasReplied: boolean;
  /** Whether a memory alert arrived after the last answer. */
  readonly isAlerted: boolean;
  /** What the person said, oldest first. */
  readonly said: readonly { readonly text: string; readonly day: Day }[];
  can(name: string): boolean;
};

export function look({ system, queue, functions }: MainContext): View {
  const blocks = shownBlocks(system);
  const names = new Set(functions.map(({ name }) => name));
  // Without a known failure, the message counts as sent.
  const isHeard = ({ name, status }: Done): boolean => name === "send_message" && status !== "Failed";
  const replyAt = queue.findLastIndex((_, index) => callsAt(queue, index, false).some(isHeard));
  const wakeAt = findWake(queue, replyAt);
  const wake = queue[wakeAt];
  const isLogin = wake !== undefined && isFrom("login")(wake);
  const start = wakeAt < 0 ? replyAt + 1 : wakeAt;
  const lastAnswer = queue.findLastIndex(({ role }) => role === "assistant");
  const last = queue.at(-1);
  return {
    human: blocks.find(({ label }) => label === "human") ?? { value: "", limit: 0 },
    otherBlocks: blocks.filter(({ label }) => label !== "human" && label !== "persona"),
    today: last === undefined ? "" : dayOfMessage(last),
    wake: wake && {
      event: isLogin ? "login" : "user_message",
      text: isLogin ? fieldOf(wake, "last_login") : spoken(wake),
    },
    calls: callsFrom(queue, start),
    get allCalls() {
      return callsFrom(queue, 0);
    },
    hasReplied: wakeAt >= 0 && replyAt > wakeAt,
    isAlerted: queue.slice(lastAnswer + 1).some(isAlert),
    get said() {
      return queue.filter(isFrom("user_message")).map((each) => ({ text: spoken(each), day: dayOfMessage(each) }));
    },
    can: (name) => names.has(name),
  };
}

/** The lines of a block, without those in parentheses, which are remarks about the block. */
export function linesOf(block: View["human"] | View["otherBlocks"][number]): string[] {
  return block.value.split("\n").filter((line) => line.trim() !== "" && !/^\(.*\)$/.test(line.trim()));
}

function isFrom(event: string): (message: Message) => boolean {
  return (message) => message.role === "user" && message.event === event;
}

/** The index of what wakes the model: a login, unless a newer or unanswered user message takes precedence. */
function findWake(queue: readonly Message[], replyAt: number): number {
  const said = queue.findLastIndex(isFrom("user_message"));
  const login = queue.findLastIndex(isFrom("login"));
  return login < said || (said >= 0 && replyAt < said) ? said : login;
}

function callsFrom(queue: readonly Message[], from: number): Done[] {
  let alerted = false;
  return queue.flatMap((message, index) => {
    if (index < from) return [];
    const calls = callsAt(queue, index, alerted);
    alerted = message.role !== "assistant" && (alerted || isAlert(message));
    return calls;
  });
}

function callsAt(queue: readonly Message[], index: number, alerted: boolean): Done[] {
  const message = queue[index];
  if (message?.role !== "assistant") return [];
  return message.calls.map(({ id, name, arguments: json }) => {
    const answer = returnOf(queue, index, id);
    const output = answer === undefined ? "" : fieldOf(answer, "message");
    return { name, args: fieldsOf(message, json), status: answer?.status ?? "unknown", output, alerted };
  });
}

/** The return of a call by the message at `index`. */
function returnOf(queue: readonly Message[], index: number, callId: string): FunctionMessage | undefined {
  for (const message of queue.slice(index + 1)) {
    if (message.role === "assistant") return undefined;
    if (message.role === "function" && message.callId === callId) return message;
  }
  return undefined;
}

function isAlert(message: Message): boolean {
  return isFrom("system_alert")(message) && /memory pressure|\btrimmed\b/i.test(fieldOf(message, "message"));
}

function dayOfMessage(message: Message): Day {
  return dayOf(textIn(fieldsOf(message), "time")) ?? message.createdAt.slice(0, 10);
}

function spoken(message: Message): string {
  return ownWords(fieldOf(message, "message"));
}
