import { envelopeText, spokenText } from "../memory/envelope.ts";
import { kindOf } from "../memory/message-kind.ts";
import { eventsOf } from "../memory/queue.ts";
import type { Collections } from "../search/passages/collections.ts";
import type { AssistantMessage, FunctionCall, FunctionMessage, Message, SearchHit } from "../schema/message.ts";
import { type AgentState, blockSchema } from "../schema/state.ts";
import { blocksSeen, restedOn } from "./rested-on.ts";
import type { ExplainedEdit, ExplainedSearch, Explanation, SearchResult } from "../schema/timeline.ts";
import type { AgentStore } from "../ports/agent-store.ts";
import type { JournalEntry } from "../ports/journal.ts";

type Memory = Pick<AgentStore, "recall" | "archival" | "history"> & { readonly collections: Collections };

/** What led to the newest reply in context: thoughts, searches with their results, edits of memory. */
export async function explain(
  state: AgentState,
  { recall, archival, history }: Omit<Memory, "collections">,
  collections: Collections,
): Promise<Explanation | undefined> {
  const memory = { recall, archival, history, collections };
  const events = eventsOf(state);
  const last = events.findLastIndex((message) => message.role === "assistant" && spokenText(message) !== undefined);
  if (last < 0) return undefined;
  const question = await whole(askedBefore(events, last), memory);
  const first = question === undefined ? 0 : events.findIndex(({ id }) => id === question.id) + 1;
  const end = events.findIndex(({ role }, index) => index > last && role !== "function");
  const messages = await Promise.all(
    events
      .slice(first, end < 0 ? events.length : end)
      .map(async (message) => (await whole(message, memory)) ?? message),
  );
  const thoughts = messages.filter((message) => message.role === "assistant");
  const reply = thoughts.at(-1);
  const explained = await Promise.all(
    thoughts.map((thought) => explainOne(thought, returnsOf(thought, messages), memory)),
  );
  const said = {
    asked: question === undefined ? "" : (envelopeText(question.content) ?? question.event),
    reply: thoughts.flatMap((thought) => spokenText(thought) ?? []).join("\n\n"),
  };
  const speech = thoughts.findLast((thought) => spokenText(thought) !== undefined);
  const blocks = speech === undefined ? state.blocks : await blocksSeen(state.blocks, history.journal, speech.id);
  return {
    ...said,
    askedAt: question?.createdAt ?? reply?.createdAt ?? state.createdAt,
    core: restedOn(said, blocks),
    thoughts: thoughts.flatMap(({ content }) => (content === null || content.trim() === "" ? [] : [content])),
    searches: explained.flatMap(({ searches }) => searches),
    edits: explained.flatMap(({ edits }) => edits),
  };
}

/** The person's message (or login) before index `last`; without one, the newest event before it. */
function askedBefore(events: readonly Message[], last: number): Extract<Message, { role: "user" }> | undefined {
  const before = events.slice(0, last).filter((message) => message.role === "user");
  return before.findLast(({ event }) => event === "user_message" || event === "login") ?? before.at(-1);
}

/** The whole message from recall, because in the queue it may be cut. */
async function whole<T extends Message>(message: T | undefined, { recall }: Memory): Promise<T | undefined> {
  if (message === undefined) return undefined;
  const found = await recall.get(message.id);
  return found?.role === message.role ? (found as T) : message;
}

/** The returns that follow a message. Call ids alone do not suffice, because some models reuse them in every step. */
function returnsOf({ id }: AssistantMessage, messages: readonly Message[]): readonly FunctionMessage[] {
  const after = messages.slice(messages.findIndex((message) => message.id === id) + 1);
  const end = after.findIndex(({ role }) => role !== "function");
  return after.slice(0, end < 0 ? after.length : end).filter((message) => message.role === "function");
}

async function explainOne(
  { id, content, calls }: AssistantMessage,
  returns: readonly FunctionMessage[],
  memory: Memory,
): Promise<{ searches: ExplainedSearch[]; edits: ExplainedEdit[] }> {
  const searches = calls.flatMap((call) => {
    const answer = returns.find(({ callId }) => callId === call.id);
    return answer !== undefined && kindOf(answer) === "search" ? [search(call, answer, content, memory)] : [];
  });
  const edits = (await memory.history.journal.causedBy(id)).flatMap((entry) =>
    entry.kind === "state" ? [] : [edit(entry, content, memory)],
  );
  return { searches: await Promise.all(searches), edits: await Promise.all(edits) };
}

async function search(
  { name, arguments: args }: FunctionCall,
  answer: FunctionMessage,
  thought: string | null,
  memory: Memory,
): Promise<ExplainedSearch> {
  const results = await Promise.all((answer.hits ?? []).map((hit) => result(hit, memory)));
  return {
    function: name,
    arguments: args,
    thought,
    output: envelopeText(answer.content) ?? "",
    model: answer.model ?? null,
    results: results.filter((found) => found !== undefined),
  };
}

/** The result as it is now; undefined if it was undone, or its source detached, since. */
async function result({ id, signals, source }: SearchHit, memory: Memory): Promise<SearchResult | undefined> {
  const message = source === undefined ? await memory.recall.get(id) : undefined;
  if (message !== undefined && message.role !== "function") {
    const speaker = message.name === undefined ? {} : { speaker: message.name };
    const text = spokenText(message) ?? "";
    return { id, createdAt: message.createdAt, role: message.role, ...speaker, text, signals };
  }
  const collection = memory.collections.only(source ?? null)?.own;
  const passage = await collection?.archival.get(id);
  return passage === undefined
    ? undefined
    : { ...passage, ...(source === undefined ? {} : { source }), role: null, signals };
}

async function edit(
  { kind, ref, before, after, origin = null }: JournalEntry,
  thought: string | null,
  { archival }: Memory,
): Promise<ExplainedEdit> {
  if (kind === "passage") {
    return { target: "archival", before: null, after: (await archival.get(ref))?.text ?? "", thought, origin };
  }
  const value = (json: string | null): string | null =>
    blockSchema().safeParse(JSON.parse(json ?? "null")).data?.value ?? null;
  return { target: ref, before: value(before), after: value(after) ?? "", thought, origin };
}
