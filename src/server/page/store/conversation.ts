import { batch, computed, signal } from "@preact/signals";
import type { Entry, Transcript } from "../../wire/entries.ts";
import type { FeedEvent } from "../../wire/feed.ts";
import { call } from "../client/call.ts";
import { keep, kept } from "./kept.ts";
import { type LiveTurn, NEW_TURN, afterEvent } from "./live.ts";
import { agentId, tell } from "./view.ts";

/** Most entries held at a time. Beyond that, those at the other end are dropped, to be read again when needed. */
const MOST_HELD = 300;
const AT_A_TIME = 60;

const EMPTY: Transcript = { entries: [], older: null, newer: null, contextFrom: null };

/** The loaded part of the conversation; null until it was read. */
export const transcript = signal<Transcript | null>(null);
/** Running turns, by agent. */
export const lives = signal<ReadonlyMap<string, LiveTurn>>(new Map());
export const live = computed(() => lives.value.get(agentId.value));
/** Why the last turn of an agent failed, by agent. */
export const failures = signal<ReadonlyMap<string, string>>(new Map());
/** What the person is writing. */
export const draft = signal("");
/** Id of the entry to scroll to and mark. */
export const target = signal<string | null>(null);

/** Stored entries and those of the running turn. */
export const shown = computed((): readonly Entry[] => {
  const { entries, newer } = transcript.value ?? EMPTY;
  const turn = live.value;
  if (turn === undefined) return entries;
  const stored = new Set(turn.entries.map(({ id }) => id));
  const rest = entries.filter(({ id }) => !turn.replaced.has(id) && !stored.has(id));
  return newer === null ? [...withoutAsked(rest, turn), ...turn.entries] : rest;
});

/**
 * Id of the reply to the person's last message. The agent may have done something since, such as saving memory after an alert. Only
 * the id, so that its users are not redrawn with every delta.
 */
export const lastReplyId = computed(() => {
  const asked = shown.value.findLastIndex(({ kind }) => kind === "person");
  return shown.value.findLast((entry, at) => at > asked && entry.kind === "agent" && entry.text !== null)?.id;
});
export const isAnswering = computed(() => live.value !== undefined);
/** Whether the explanation of the last reply is shown. */
export const isWhyOpen = signal(false);

/** Drops the stored copy of the turn's question, which is stored with its first step: the turn shows its own. */
function withoutAsked(entries: readonly Entry[], { asked, isKept }: LiveTurn): readonly Entry[] {
  const last = entries.findLastIndex(({ kind }) => kind === "person");
  const entry = entries[last];
  return isKept && last === entries.length - 1 && entry?.kind === "person" && entry.text === asked
    ? entries.slice(0, last)
    : entries;
}

let last: Promise<unknown> = Promise.resolve();

/** Reads a part of the conversation and merges it. Runs one at a time, so that each sees the result of the one before. */
async function take(
  asking: () => { readonly before?: string; readonly after?: string; readonly around?: string } | undefined,
  merged: (part: Transcript, held: Transcript) => Transcript,
): Promise<void> {
  const id = agentId.value;
  const work = last.then(async () => {
    const query = id === agentId.value && id !== "" ? asking() : undefined;
    if (query === undefined) return;
    const part = await call("get /v1/agents/{agent_id}/transcript", {
      params: { agent_id: id },
      query: { ...query, size: AT_A_TIME },
    });
    // Another agent may be shown by now.
    if (id !== agentId.value) return;
    batch(() => {
      transcript.value = merged(part, transcript.value ?? EMPTY);
    });
  });
  last = work.catch(() => undefined);
  return work;
}

/** Shows the conversation with another agent. */
export async function openConversation(): Promise<void> {
  batch(() => {
    transcript.value = null;
    target.value = null;
    isWhyOpen.value = false;
    draft.value = kept(`draft:${agentId.value}`);
  });
  await readNewest();
}

export async function readNewest(): Promise<void> {
  await take(() => ({}), withNewest);
}

/** Drops everything loaded, and reads the newest part again. */
export async function readOver(): Promise<void> {
  await take(
    () => ({}),
    (part) => part,
  );
}

/** Keeps what is loaded before the newest part, if nothing is missing between them. */
function withNewest(part: Transcript, held: Transcript): Transcript {
  const [first] = part.entries;
  const at = held.entries.findIndex(({ id }) => id === first?.id);
  if (at <= 0) return part;
  const entries = [...held.entries.slice(0, at), ...part.entries].slice(-MOST_HELD);
  return { ...part, entries, older: entries.length < MOST_HELD ? held.older : (entries[0]?.id ?? null) };
}

export async function readOlder(): Promise<void> {
  await take(
    () => (transcript.value?.older == null ? undefined : { before: transcript.value.older }),
    (part, held) => {
      const entries = [...part.entries, ...held.entries];
      const kept = entries.slice(0, MOST_HELD);
      return { ...part, entries: kept, newer: kept.length < entries.length ? (kept.at(-1)?.id ?? null) : held.newer };
    },
  );
}

export async function readNewer(): Promise<void> {
  await take(
    () => (transcript.value?.newer == null ? undefined : { after: transcript.value.newer }),
    (part, held) => {
      const entries = [...held.entries, ...part.entries];
      const kept = entries.slice(-MOST_HELD);
      return { ...part, entries: kept, older: kept.length < entries.length ? (kept[0]?.id ?? null) : held.older };
    },
  );
}

/** Shows a message in its surroundings. */
export async function showMessage(id: string): Promise<void> {
  if (!(transcript.value?.entries ?? []).some((entry) => entry.id === id)) {
    await take(
      () => ({ around: id }),
      (part) => part,
    );
  }
  target.value = id;
}

/** Shows the person's message that led to an entry; the entry itself, if that message is not held. */
export async function showCause(id: string): Promise<void> {
  const at = shown.value.findIndex((entry) => entry.id === id);
  const cause = shown.value.slice(0, at).findLast(({ kind }) => kind === "person");
  await showMessage(cause?.id ?? id);
}

export function write(text: string): void {
  draft.value = text;
  keep(`draft:${agentId.value}`, text);
}

/** Number of turns begun here. Each scrolls the conversation to its end. */
export const begun = signal(0);

/** Begins a turn. Keeps a copy of the message until the server has stored it. */
export async function begin(
  body:
    | { readonly kind: "send"; readonly message: string }
    | { readonly kind: "edit"; readonly id: string; readonly message: string }
    | { readonly kind: "answer"; readonly answers: { readonly callId: string; readonly allow: boolean }[] }
    | { readonly kind: "retry" | "continue" },
): Promise<void> {
  const id = agentId.value;
  isWhyOpen.value = false;
  forgetFailure(id);
  if ("message" in body) keep(`sent:${id}`, body.message);
  begun.value += 1;
  if (transcript.value?.newer != null) await readNewest();
  await call("post /v1/agents/{agent_id}/turns", { params: { agent_id: id }, body });
}

/** Clears the draft and passes it to `work`; restores it if that fails. */
export async function handOver(work: (text: string) => Promise<void>): Promise<void> {
  const text = draft.value;
  const id = agentId.value;
  write("");
  try {
    await work(text);
  } catch (error) {
    keep(`sent:${id}`, "");
    if (id === agentId.value && draft.value === "") write(text);
    throw error;
  }
}

/** Sends a message. */
export async function send(message: string): Promise<void> {
  await begin({ kind: "send", message });
}

export async function stop(): Promise<void> {
  await call("post /v1/agents/{agent_id}/stop", { params: { agent_id: agentId.value } });
}

/** Forgets running turns, at the start of each connection: the server repeats their events. */
export function beginFeed(): void {
  lives.value = new Map();
}

type OfTurn = Extract<FeedEvent, { type: "turn" | "turn_over" }>;

const waiting: OfTurn[] = [];

/** Queues an event of a turn. Deltas arrive faster than the screen refreshes, so they are applied once per frame. */
export function takeTurnEvent(event: OfTurn): void {
  if (waiting.length === 0) requestFrame(takeWaiting);
  waiting.push(event);
}

function requestFrame(work: () => void): void {
  // A hidden page has no frames.
  if (document.hidden) setTimeout(work, 100);
  else requestAnimationFrame(work);
}

function takeWaiting(): void {
  const turns = new Map(lives.value);
  const over: Extract<OfTurn, { type: "turn_over" }>[] = [];
  for (const item of waiting.splice(0)) {
    if (item.type === "turn") turns.set(item.agent, afterEvent(turns.get(item.agent) ?? NEW_TURN, item.event));
    else over.push(item);
  }
  lives.value = turns;
  for (const item of over) void endTurn(item);
}

async function endTurn({ agent, how, detail }: Extract<OfTurn, { type: "turn_over" }>): Promise<void> {
  const turn = lives.value.get(agent);
  if (agent === agentId.value && transcript.value?.newer == null) {
    // The stored entries replace the streamed ones at once.
    await take(
      () => ({}),
      (part, held) => {
        dropLive(agent);
        return withNewest(part, held);
      },
    ).catch(() => undefined);
  }
  dropLive(agent);
  if (how === "failed") failures.value = new Map([...failures.value, [agent, detail]]);
  if (turn?.isKept === true || how === "done") keep(`sent:${agent}`, "");
  else giveBack(agent, how);
}

function dropLive(agent: string): void {
  lives.value = new Map([...lives.value].filter(([id]) => id !== agent));
}

/** Turns a message that was sent but not stored into the draft again. */
function giveBack(agent: string, how: "stopped" | "failed"): void {
  const text = kept(`sent:${agent}`);
  keep(`sent:${agent}`, "");
  if (text === "" || kept(`draft:${agent}`) !== "") return;
  keep(`draft:${agent}`, text);
  if (agent !== agentId.value) return;
  draft.value = text;
  if (how === "stopped") tell("Stopped before anything was stored. Your message is back in the box.");
}

function forgetFailure(agent: string): void {
  failures.value = new Map([...failures.value].filter(([id]) => id !== agent));
}
