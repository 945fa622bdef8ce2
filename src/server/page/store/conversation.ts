import { batch, computed, signal } from "@preact/signals";
import type { Entry, Transcript } from "../../wire/entries.ts";
import type { FeedEvent } from "../../wire/feed.ts";
import { call } from "../client/call.ts";
import { keep, kept } from "./kept.ts";
import { type LiveTurn, NEW_TURN, afterEvent } from "./live.ts";
import { agentId, tell } from "./view.ts";

/** Entries that are held at a time: beyond that, those at the other end are let go, and read again when they are wanted. */
const MOST_HELD = 300;
const AT_A_TIME = 60;

const EMPTY: Transcript = { entries: [], older: null, newer: null, contextFrom: null };

/** The part of the conversation that is held; null until it was read. */
export const transcript = signal<Transcript | null>(null);
/** The turns that run, by agent. */
export const lives = signal<ReadonlyMap<string, LiveTurn>>(new Map());
export const live = computed(() => lives.value.get(agentId.value));
/** Why the last turn of an agent failed, by agent. */
export const failures = signal<ReadonlyMap<string, string>>(new Map());
/** What the person is writing. */
export const draft = signal("");
/** The entry to show and mark, once it was found. */
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
 * The reply to what the person said last; the agent may have done something since, such as saving what an alert asked for. An
 * id, so that what asks for no more is not drawn again with every delta.
 */
export const lastReplyId = computed(() => {
  const asked = shown.value.findLastIndex(({ kind }) => kind === "person");
  return shown.value.findLast((entry, at) => at > asked && entry.kind === "agent" && entry.text !== null)?.id;
});
export const isAnswering = computed(() => live.value !== undefined);
/** Whether what led to the last reply stands under it. */
export const isWhyOpen = signal(false);

/** A step that ended is stored, and its question with it: the turn's own copy is shown. */
function withoutAsked(entries: readonly Entry[], { asked, isKept }: LiveTurn): readonly Entry[] {
  const last = entries.findLastIndex(({ kind }) => kind === "person");
  const entry = entries[last];
  return isKept && last === entries.length - 1 && entry?.kind === "person" && entry.text === asked
    ? entries.slice(0, last)
    : entries;
}

let last: Promise<unknown> = Promise.resolve();

/** Reads a part of the conversation and takes it, one after another, so that each knows what the one before it left. */
async function take(
  asking: () => { readonly before?: string; readonly after?: string; readonly around?: string } | undefined,
  taken: (part: Transcript, held: Transcript) => Transcript,
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
      transcript.value = taken(part, transcript.value ?? EMPTY);
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

/** Lets go of all that is held, and reads the newest part again. */
export async function readOver(): Promise<void> {
  await take(
    () => ({}),
    (part) => part,
  );
}

/** What is held of the conversation before its newest part stays, if nothing is missing between them. */
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

export function write(text: string): void {
  draft.value = text;
  keep(`draft:${agentId.value}`, text);
}

/** Begins a turn. What was written stays at hand until the server has stored it. */
export async function begin(
  body:
    | { readonly kind: "send"; readonly message: string }
    | { readonly kind: "edit"; readonly id: string; readonly message: string }
    | { readonly kind: "retry" | "continue" },
): Promise<void> {
  const id = agentId.value;
  isWhyOpen.value = false;
  forgetFailure(id);
  if ("message" in body) keep(`sent:${id}`, body.message);
  if (transcript.value?.newer != null) await readNewest();
  await call("post /v1/agents/{agent_id}/turns", { params: { agent_id: id }, body });
}

/** Does with the draft what `work` does, and has it back if that fails. */
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

/** Begins again with what turns say: a connection was lost, or is new. */
export function beginFeed(): void {
  lives.value = new Map();
}

type OfTurn = Extract<FeedEvent, { type: "turn" | "turn_over" }>;

const waiting: OfTurn[] = [];

/** Takes an event of a turn. Deltas come faster than a screen shows them: they are taken together, once a frame. */
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

/** What was sent and not stored is the draft again. */
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
