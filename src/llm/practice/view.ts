import type { MainContext } from "../../schema/context.ts";
import type { AssistantMessage, FunctionCall, FunctionMessage, Message } from "../../schema/message.ts";
import { dayOf, type Day } from "./dates.ts";

export type Block = { readonly label: string; readonly value: string; readonly limit: number };

/** A call that was made, with its return. */
export type Done = {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly status: "OK" | "Failed" | "unknown";
  readonly output: string;
};

/** One earlier answer of this model. `alerted` if a memory alert prompted it. */
export type Step = { readonly calls: readonly Done[]; readonly alerted: boolean };

export type Wake =
  | { readonly type: "user_message"; readonly text: string }
  | { readonly type: "login"; readonly lastLogin: string; readonly day: Day };

/** The main context as the rules see it. */
export type View = {
  readonly blocks: readonly Block[];
  readonly today: Day;
  /** The time of day on the newest envelope, such as `01:40 AM`. */
  readonly clock: string | undefined;
  /** What the agent was last woken for by a person, if the queue still holds it. */
  readonly wake: Wake | undefined;
  /** What has been done since, or since the last reply if the queue no longer holds the wake. */
  readonly steps: readonly Step[];
  /** The calls before that, oldest first. */
  readonly earlier: readonly Done[];
  readonly replied: boolean;
  /** A memory alert that came in after the last answer. */
  readonly alert: string | undefined;
  readonly userMessages: readonly Said[];
  can(name: string): boolean;
};

/** A user message in the queue. `learned`: the turn it began has written to memory. */
export type Said = { readonly text: string; readonly day: Day; readonly learned: boolean };

export function look(context: MainContext): View {
  const names = new Set(context.functions.map(({ name }) => name));
  const { queue } = context;
  const lastAssistant = queue.findLastIndex(({ role }) => role === "assistant");
  const wakeAt = findWake(queue);
  const replyAt = queue.findLastIndex((_, index) => index > wakeAt && sends(queue, index));
  const start = wakeAt < 0 ? replyAt : wakeAt;
  return {
    blocks: readBlocks(context.system),
    today: today(queue),
    clock: clock(queue.at(-1)),
    wake: readWake(queue[wakeAt]),
    steps: readSteps(queue, start + 1),
    earlier: readSteps(queue, 0, start + 1).flatMap(({ calls }) => calls),
    replied: wakeAt >= 0 && replyAt >= 0,
    alert: queue
      .slice(lastAssistant + 1)
      .map(readAlert)
      .findLast((text) => text !== undefined),
    userMessages: readSaid(queue),
    can: (name) => names.has(name),
  };
}

export function blockOf(view: View, label: string): Block | undefined {
  return view.blocks.find((block) => block.label === label);
}

/** The facts of a block. A line in parentheses is a remark on the block, not a fact. */
export function linesOf(view: View, label: string): string[] {
  const value = blockOf(view, label)?.value ?? "";
  return value.split("\n").filter((line) => line.trim() !== "" && !/^\(.*\)$/.test(line.trim()));
}

/** The calls made for the wake itself, leaving out what memory alerts prompted. */
export function ownCalls(view: View): Done[] {
  return view.steps.filter(({ alerted }) => !alerted).flatMap(({ calls }) => calls);
}

export const MEMORY_WRITES: ReadonlySet<string> = new Set([
  "core_memory_append",
  "core_memory_replace",
  "archival_memory_insert",
]);

export function text(args: Readonly<Record<string, unknown>>, key: string): string {
  const value = args[key];
  return typeof value === "string" ? value : "";
}

/** A login wakes the model by itself; a user message that it came with, or that still waits for a reply, goes first. */
function findWake(queue: readonly Message[]): number {
  const isEvent = (event: string) => (message: Message) => message.role === "user" && message.event === event;
  const spoken = queue.findLastIndex(isEvent("user_message"));
  const login = queue.findLastIndex(isEvent("login"));
  if (login < spoken) return spoken;
  const waiting = spoken >= 0 && !queue.some((_, index) => index > spoken && sends(queue, index));
  return waiting ? spoken : login;
}

/** Whether the message at `index` is an answer that spoke to the user, as far as is known. */
function sends(queue: readonly Message[], index: number): boolean {
  const message = queue[index];
  if (message?.role !== "assistant") return false;
  return readCalls(message, queue, index).some(({ name, status }) => name === "send_message" && status !== "Failed");
}

function readSteps(queue: readonly Message[], from: number, to = queue.length): Step[] {
  const steps: Step[] = [];
  let alerted = false;
  for (let index = from; index < to; index += 1) {
    const message = queue[index];
    if (message?.role === "user") alerted ||= readAlert(message) !== undefined;
    if (message?.role !== "assistant") continue;
    steps.push({ calls: readCalls(message, queue, index), alerted });
    alerted = false;
  }
  return steps;
}

function readCalls(message: AssistantMessage, queue: readonly Message[], index: number): Done[] {
  const returns: FunctionMessage[] = [];
  for (let next = index + 1; next < queue.length; next += 1) {
    const follower = queue[next];
    if (follower?.role === "assistant") break;
    if (follower?.role === "function") returns.push(follower);
  }
  return message.calls.map((call) =>
    readCall(
      call,
      returns.find(({ callId }) => callId === call.id),
    ),
  );
}

function readCall(call: FunctionCall, answer: FunctionMessage | undefined): Done {
  return {
    name: call.name,
    args: parseObject(call.arguments),
    status: answer?.status ?? "unknown",
    output: answer === undefined ? "" : field(answer.content, "message"),
  };
}

function readWake(message: Message | undefined): Wake | undefined {
  if (message?.role !== "user") return undefined;
  if (message.event === "user_message") return { type: "user_message", text: field(message.content, "message") };
  return { type: "login", lastLogin: text(parseObject(message.content), "last_login"), day: dayOfMessage(message) };
}

function readAlert(message: Message): string | undefined {
  if (message.role !== "user" || message.event !== "system_alert") return undefined;
  const alert = field(message.content, "message");
  return /memory pressure|\btrimmed\b|\bwill be (?:cut|evicted|flushed)\b|reach(?:es)? its maximum/i.test(alert)
    ? alert
    : undefined;
}

function readSaid(queue: readonly Message[]): Said[] {
  return queue.flatMap((message, index) => {
    if (message.role !== "user" || message.event !== "user_message") return [];
    const next = queue.findIndex((other, at) => at > index && other.role === "user" && other.event === "user_message");
    const calls = readSteps(queue, index, next < 0 ? queue.length : next).flatMap((step) => step.calls);
    const learned = calls.some(({ name, status }) => MEMORY_WRITES.has(name) && status !== "Failed");
    return [{ text: field(message.content, "message"), day: dayOfMessage(message), learned }];
  });
}

function today(queue: readonly Message[]): Day {
  const last = queue.at(-1);
  return last === undefined ? 0 : dayOfMessage(last);
}

function clock(message: Message | undefined): string | undefined {
  const found = /\b(\d\d:\d\d):\d\d ([AP]M)\b/.exec(text(parseObject(message?.content ?? ""), "time"));
  return found === null ? undefined : `${found[1] ?? ""} ${found[2] ?? ""}`;
}

function dayOfMessage(message: Message): Day {
  const time = message.role === "assistant" ? "" : text(parseObject(message.content), "time");
  return dayOf(time) ?? dayOf(message.createdAt) ?? 0;
}

/** A field of an envelope; what is no envelope is taken as it stands. */
function field(envelope: string, key: string): string {
  const parsed = parseObject(envelope);
  // The note is for a reader who can look the rest up, and no part of what was said.
  return (key in parsed ? text(parsed, key) : envelope).replace(
    / \[cut: the first \d+ of \d+ characters\.[^\]]{0,200}\]$/,
    "",
  );
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(json);
    return parsed !== null && typeof parsed === "object" ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function readBlocks(system: string): Block[] {
  const blocks: Block[] = [];
  for (const open of system.matchAll(/<([\w-]+) characters="(\d+)\/(\d+)">\n?/g)) {
    const start = open.index + open[0].length;
    const end = system.indexOf(`</${open[1] ?? ""}>`, start);
    if (end < 0) continue;
    const value = system.slice(start, end).replace(/\n$/, "");
    blocks.push({ label: open[1] ?? "", value, limit: Number(open[3]) });
  }
  return blocks;
}
