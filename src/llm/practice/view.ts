import type { MainContext } from "../../schema/context.ts";
import type { Message } from "../../schema/message.ts";
import { ownWords } from "../../schema/own-words.ts";
import { dayOf, type Day } from "../../time/format.ts";

/** A call that was made, with its return. `alerted` if a memory alert prompted it. */
export type Done = {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly status: "OK" | "Failed" | "unknown";
  readonly output: string;
  readonly alerted: boolean;
};

/** The main context as the rules see it. */
export type View = {
  /** The block that holds what is known of the person. */
  readonly human: { readonly value: string; readonly limit: number };
  /** Blocks besides that one and the persona. */
  readonly otherBlocks: readonly { readonly label: string; readonly value: string }[];
  readonly today: Day;
  /** What a person said, or the login, that waits for an answer; undefined if neither is in the queue. */
  readonly wake: { readonly event: "user_message" | "login"; readonly text: string } | undefined;
  /** What has been done since, oldest first, and all that the queue holds. */
  readonly calls: readonly Done[];
  readonly allCalls: readonly Done[];
  readonly hasReplied: boolean;
  /** Whether a memory alert came in after the last answer. */
  readonly isAlerted: boolean;
  /** What the person said, oldest first. */
  readonly said: readonly { readonly text: string; readonly day: Day }[];
  can(name: string): boolean;
};

export function look({ system, queue, functions }: MainContext): View {
  const blocks = readBlocks(system);
  const names = new Set(functions.map(({ name }) => name));
  // A message that was sent, as far as is known.
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
      text: isLogin ? field(wake.content, "last_login") : spoken(wake),
    },
    calls: callsFrom(queue, start),
    allCalls: callsFrom(queue, 0),
    hasReplied: wakeAt >= 0 && replyAt > wakeAt,
    isAlerted: queue.slice(lastAnswer + 1).some(isAlert),
    said: queue
      .filter(isFrom("user_message"))
      .map((message) => ({ text: spoken(message), day: dayOfMessage(message) })),
    can: (name) => names.has(name),
  };
}

/** The lines about the person. A line in parentheses is a remark on the block. */
export function linesOf(block: View["human"] | View["otherBlocks"][number]): string[] {
  return block.value.split("\n").filter((line) => line.trim() !== "" && !/^\(.*\)$/.test(line.trim()));
}

export function text(args: Readonly<Record<string, unknown>>, key: string): string {
  const value = args[key];
  return typeof value === "string" ? value : "";
}

function isFrom(event: string): (message: Message) => boolean {
  return (message) => message.role === "user" && message.event === event;
}

/** A login wakes the model by itself; a user message that it came with, or that still waits for a reply, goes first. */
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
  const next = queue.findIndex(({ role }, at) => at > index && role === "assistant");
  const followers = queue.slice(index + 1, next < 0 ? undefined : next);
  return message.calls.map(({ id, name, arguments: json }) => {
    const answer = followers.find((other) => other.role === "function" && other.callId === id);
    const status = answer?.role === "function" ? answer.status : "unknown";
    return { name, args: parseObject(json), status, output: field(answer?.content ?? "", "message"), alerted };
  });
}

function isAlert(message: Message): boolean {
  const isSystem = isFrom("system_alert")(message);
  return isSystem && /memory pressure|\btrimmed\b/i.test(field(message.content, "message"));
}

function dayOfMessage({ content, createdAt }: Message): Day {
  return dayOf(text(parseObject(content ?? ""), "time")) ?? createdAt.slice(0, 10);
}

function spoken({ content }: Message): string {
  return ownWords(field(content, "message"));
}

/** A field of an envelope; text that is not an envelope is returned whole. */
function field(envelope: string | null, key: string): string {
  const parsed = parseObject(envelope ?? "");
  // The note is for a reader who can look the rest up, and no part of what was said.
  const whole = key in parsed ? text(parsed, key) : (envelope ?? "");
  return whole.replace(/ \[cut: the first \d+ of \d+ characters\.[^\]]{0,200}\]$/, "");
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(json);
    return parsed !== null && typeof parsed === "object" ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** The blocks of core memory. No value holds a tag that is not escaped, so the first end of that name is the block's. */
function readBlocks(system: string): { label: string; value: string; limit: number }[] {
  const opens = system.matchAll(/<([a-z][\w-]*) characters="\d+\/(\d+)"[^>\n]*>\n?/gi);
  return [...opens].flatMap(({ 0: open, 1: label = "", 2: limit, index }) => {
    const start = index + open.length;
    const end = system.indexOf(`</${label}>`, start);
    return end < 0 ? [] : [{ label, value: system.slice(start, end).replace(/\n$/, ""), limit: Number(limit) }];
  });
}
