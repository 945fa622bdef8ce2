import { envelopeText, spokenText, withEnvelopeText } from "../memory/envelope.ts";
import type { Message } from "../schema/message.ts";
import type { Held, HeldWrite } from "../schema/quarantine.ts";
import type { Block } from "../schema/state.ts";
import { fence, markFrom } from "../trust/fence.ts";
import type { findSuspicion } from "../trust/poison/find-suspicion.ts";
import { HEARTBEAT_REASONS, MEMORY_ALERT, NUDGE } from "./pack.ts";
import { type SortContext, loadRules, sortTexts, textIn } from "./quarantine.ts";

// Checks the parts of an agent that was created elsewhere: blocks, prompt, conversation.

/** Replaces a message that is held back. */
const HELD_MESSAGE = "[held back: it reads like instructions]";

/** The part to use, and what is held back. */
export type SortedPart<T> = { readonly kept: T; readonly held: readonly Held[]; readonly notices: readonly string[] };

type PartContext = SortContext & {
  /** Lines to skip, because they are in texts of this home. */
  readonly knownLines?: ReadonlySet<string> | undefined;
};

/** The blocks without what is held back: the suspicious lines, or the whole text if suspicion spreads over lines. */
export async function sortBlocks(
  blocks: readonly Block[],
  context: PartContext,
): Promise<SortedPart<readonly Block[]>> {
  const find = await loadRules();
  const items = blocks.map((block) => ({ block, ...suspectOf(block, context, find) }));
  const writeOf = ({ block, lines }: (typeof items)[number]): HeldWrite =>
    lines === undefined ? { ...block, type: "block" } : { ...withLines(block, lines), type: "block" };
  const { stored, held, notices } = await sortTexts(items, writeOf, { ...context, isApart: true });
  const good = new Set(stored);
  const kept = items.map((item) => {
    if (good.has(item)) return item.block;
    const { description: _, ...rest } = item.block;
    if (item.lines === undefined) return { ...rest, value: "" };
    const suspicious = new Set(item.lines);
    return withLines(
      item.block,
      item.block.value.split("\n").filter((line) => !suspicious.has(line)),
    );
  });
  return { kept, held, notices };
}

/** The text of a block to check; with `lines` if only these are suspicious and held back. */
function suspectOf(
  { value, description = "" }: Block,
  context: PartContext,
  find: typeof findSuspicion,
): { readonly text: string; readonly lines?: readonly string[] } {
  const text = unknownText([value, description].join("\n"), context);
  if (find(text) === undefined || find(unknownText(description, context)) !== undefined) return { text };
  const facts = factsOf(unknownText(value, context));
  const suspected = facts.filter((fact) => find(fact) !== undefined);
  // Instructions may be spread over lines that look harmless one by one. Exfiltration is excluded: ordinary facts contain
  // addresses, data and verbs, too.
  const across = find(facts.filter((fact) => !suspected.includes(fact)).join("\n"));
  if (across !== undefined && across.is !== "exfiltration") return { text };
  if (suspected.length === facts.length) return { text };
  return { text: suspected.join("\n"), lines: suspected.flatMap((fact) => fact.split("\n")) };
}

/** The facts in a block: its lines, joined where a sentence continues in the next line. */
function factsOf(value: string): string[] {
  const facts: string[] = [];
  for (const line of value.split("\n")) {
    const last = facts.at(-1);
    const goesOn = last !== undefined && !/[.!?:;。！？]\s*$/u.test(last) && /^(?:\p{Ll}|\p{Lo})/u.test(line);
    if (goesOn) facts[facts.length - 1] = `${last}\n${line}`;
    else if (line.trim() !== "") facts.push(line);
  }
  return facts;
}

function withLines(block: Block, lines: readonly string[]): Block {
  return { ...block, value: lines.join("\n").trim() };
}

/** The prompt; undefined if it is held back. `whole`: the prompt as it would be set. */
export async function sortPrompt(
  text: string,
  { whole, ...context }: PartContext & { readonly whole: string },
): Promise<SortedPart<string | undefined>> {
  const items = [{ text: unknownText(text, context) }];
  const { stored, held, notices } = await sortTexts(items, () => ({ type: "prompt", text: whole }), context);
  return { kept: stored.length > 0 ? text : undefined, held, notices };
}

/**
 * Checks a conversation that is adopted unchanged. Suspicious messages and thoughts are held back and leave a hole; suspicious
 * events and function returns are fenced as data.
 */
export async function sortHistory(
  messages: readonly Message[],
  context: SortContext,
): Promise<SortedPart<readonly Message[]>> {
  const items = messages.filter(isSaid).map((message) => ({ id: message.id, message, text: textOf(message) }));
  const { stored, held, notices } = await sortTexts(items, ({ message, text }) => writeOf(message, text), context);
  const good = new Set(stored.map(({ message }) => message));
  // A message may occur twice: whole, and cut as it was in the context.
  const holes = new Set(items.filter(({ message }) => !good.has(message)).map(({ id }) => id));
  const find = await loadRules();
  const kept = messages.map((message) => {
    if (isSaid(message)) return holes.has(message.id) ? holeOf(message) : message;
    return context.policy === "on" ? fencedIfSuspicious(message, context, find) : message;
  });
  const once = new Map(held.map((item) => [JSON.stringify(item.write), item]));
  return { kept, held: [...once.values()], notices };
}

function unknownText(text: string, { knownLines }: PartContext): string {
  if (knownLines === undefined) return text;
  return text
    .split("\n")
    .filter((line) => !knownLines.has(line.trim()))
    .join("\n");
}

function isSaid(message: Message): boolean {
  return message.role === "assistant" || (message.role === "user" && message.event === "user_message");
}

function textOf(message: Message): string {
  if (message.role !== "assistant") return envelopeText(message.content) ?? message.content;
  return [message.content ?? "", ...message.calls.map((call) => textIn(call.arguments))].join("\n").trim();
}

function writeOf(message: Message, text: string): HeldWrite {
  const { createdAt } = message;
  const name = message.role === "function" ? undefined : message.name;
  const said = spokenText(message) ?? text;
  const role = message.role === "user" ? "user" : "assistant";
  return { type: "message", role, text: said, createdAt, ...(name === undefined ? {} : { name }) };
}

function holeOf(message: Message): Message {
  if (message.role !== "assistant") return { ...message, content: withEnvelopeText(message.content, HELD_MESSAGE) };
  const calls = message.calls.map((call) => ({ ...call, arguments: JSON.stringify({ message: HELD_MESSAGE }) }));
  return { ...message, content: message.content === null ? null : HELD_MESSAGE, calls };
}

/** Our own texts of events, which every agent gets. */
const OUR_EVENTS: ReadonlySet<string> = new Set(
  [...Object.values(HEARTBEAT_REASONS), NUDGE, MEMORY_ALERT].flatMap((event) => {
    if (typeof event === "string") return [event];
    return event.type === "system_alert" ? [event.message] : [];
  }),
);

function fencedIfSuspicious<T extends Message>(message: T, { newId }: SortContext, find: typeof findSuspicion): T {
  const text = textIn(message.content ?? "");
  const unknown = text
    .split("\n")
    .filter((line) => !OUR_EVENTS.has(line))
    .join("\n");
  if (find(unknown) === undefined) return message;
  const { open, close } = fence(markFrom(newId()), "import");
  const { content } = message;
  const inside = content === null ? "" : (envelopeText(content) ?? content);
  return { ...message, content: withEnvelopeText(content ?? "", open + inside + close) };
}
