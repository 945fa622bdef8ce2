import type { AgentState, MemoryChange, Message } from "memgpt";
import { envelopeText } from "../../src/memory/envelope.ts";
import type { Answer } from "./obedient-llm.ts";

/** A message as a person would tell it. Its `id` is empty until the real one has been seen. */
export type Told =
  | { readonly id: string; readonly role: "user"; readonly event: string; readonly text: string | null }
  | {
      readonly id: string;
      readonly role: "assistant";
      readonly thought: string | null;
      readonly calls: readonly string[];
      readonly said: readonly string[];
    }
  | { readonly id: string; readonly role: "function"; readonly name: string; readonly status: "OK" | "Failed" };

/** What a message did to memory. */
export type Edit =
  | { readonly type: "block"; readonly label: string; readonly before: string }
  | { readonly type: "passage"; readonly text: string };

export type Entry = { readonly told: Told; readonly edits: readonly Edit[] };

/** All that an agent is and remembers, as simply as it can be said. Nothing is ever evicted. */
export type World = {
  /** What a new agent begins with: in context, but nobody said it. */
  readonly boot: readonly Told[];
  readonly log: readonly Entry[];
  readonly blocks: Readonly<Record<string, string>>;
  readonly limit: number;
  readonly archive: readonly string[];
  /** The real state, once it has been seen. */
  readonly seen?: AgentState | undefined;
};

export function newWorld(state: AgentState): World {
  return {
    boot: state.queue.map(tell),
    log: [],
    blocks: Object.fromEntries(state.blocks.map(({ label, value }) => [label, value])),
    limit: state.blocks[0]?.limit ?? 0,
    archive: [],
    seen: state,
  };
}

export function tell(message: Message): Told {
  const { id } = message;
  switch (message.role) {
    case "user": {
      const text = message.event === "user_message" ? (envelopeText(message.content) ?? null) : null;
      return { id, role: "user", event: message.event, text };
    }
    case "assistant": {
      const said = message.calls.filter((call) => call.name === "send_message").map((call) => call.arguments);
      return {
        id,
        role: "assistant",
        thought: message.content,
        calls: message.calls.map((call) => call.name),
        said: said.map((args) => envelopeText(args) ?? ""),
      };
    }
    case "function":
      return { id, role: "function", name: message.name, status: message.status };
  }
}

/** What recall storage finds a message by. */
export function utterance(told: Told): string | null {
  if (told.role === "user") return told.text;
  return told.role === "assistant" && told.said.length > 0 ? told.said.join("\n") : null;
}

/** A turn in which the model gave `answers`. Without one, nothing happened. */
export function afterTurn(
  world: World,
  { text, login, answers }: { text: string; login: boolean; answers: readonly Answer[] },
): World {
  const user = (event: string): Entry => ({
    told: { id: "", role: "user", event, text: event === "user_message" ? text : null },
    edits: [],
  });
  return answers.reduce((before, answer, step) => {
    const inputs = step > 0 ? [user("heartbeat")] : [...(login ? [user("login")] : []), user("user_message")];
    return afterAnswer({ ...before, log: [...before.log, ...inputs], seen: undefined }, answer);
  }, world);
}

function afterAnswer(world: World, { thought, calls }: Answer): World {
  const blocks = { ...world.blocks };
  const edits: Edit[] = [];
  const returns = calls.map(({ name, args }): Entry => {
    const edit = editOf(name, args, blocks, world.limit);
    if (edit?.type === "block") {
      edits.push({ type: "block", label: edit.label, before: blocks[edit.label] ?? "" });
      blocks[edit.label] = edit.value;
    }
    if (edit?.type === "passage") edits.push(edit);
    const status = edit === undefined ? "Failed" : "OK";
    return { told: { id: "", role: "function", name, status }, edits: [] };
  });
  const said = calls.flatMap(({ name, args }) => (name === "send_message" ? [String(args["message"])] : []));
  const told: Told = { id: "", role: "assistant", thought, calls: calls.map(({ name }) => name), said };
  const kept = edits.flatMap((edit) => (edit.type === "passage" ? [edit.text] : []));
  return {
    ...world,
    log: [...world.log, { told, edits }, ...returns],
    blocks,
    archive: [...world.archive, ...kept],
  };
}

type Done =
  | { readonly type: "block"; readonly label: string; readonly value: string }
  | Extract<Edit, { type: "passage" }>
  | { readonly type: "nothing" };

/** What a call does, or undefined if it fails. */
function editOf(
  name: string,
  args: Readonly<Record<string, unknown>>,
  blocks: Readonly<Record<string, string>>,
  limit: number,
): Done | undefined {
  if (name === "send_message") return { type: "nothing" };
  if (name === "archival_memory_insert") return { type: "passage", text: String(args["content"]) };
  const label = String(args["name"]);
  const before = blocks[label] ?? "";
  const old = String(args["old_content"]);
  if (name === "core_memory_replace" && !before.includes(old)) return undefined;
  const value =
    name === "core_memory_replace"
      ? before.replaceAll(old, String(args["new_content"]))
      : [before, String(args["content"])].filter((part) => part !== "").join("\n");
  return value.length <= limit ? { type: "block", label, value } : undefined;
}

/** Without its newest `count` messages, or more of them if a call would be parted from its return. */
export function popped(world: World, count: number): { world: World; gone: readonly Entry[] } {
  let cut = Math.max(0, world.log.length - count);
  while (cut > 0 && world.log[cut]?.told.role === "function") cut -= 1;
  const gone = world.log.slice(cut);
  const blocks = { ...world.blocks };
  const forgotten = new Set<string>();
  for (const edit of gone.flatMap((entry) => entry.edits).reverse()) {
    if (edit.type === "block") blocks[edit.label] = edit.before;
    if (edit.type === "passage") forgotten.add(edit.text);
  }
  const archive = world.archive.filter((text) => !forgotten.has(text));
  return { world: { ...world, log: world.log.slice(0, cut), blocks, archive, seen: undefined }, gone };
}

/** How many messages a retry pops; none if there is no message of the person. */
export function sinceLastMessage({ log }: World): number {
  const at = log.findLastIndex(({ told }) => told.role === "user" && told.event === "user_message");
  return at === -1 ? 0 : log.length - at;
}

/** With another monologue in the newest answer. */
export function rethought(world: World, thought: string): World {
  return changeNewest(world, (told) => ({ ...told, thought }));
}

/** With another text in the newest reply. */
export function rewritten(world: World, text: string): World {
  return changeNewest(world, (told) =>
    told.said.length === 0 ? undefined : { ...told, said: told.said.with(-1, text) },
  );
}

type Thinking = Extract<Told, { role: "assistant" }>;

function changeNewest(world: World, change: (told: Thinking) => Thinking | undefined): World {
  const changed = world.log.map(({ told }) => (told.role === "assistant" ? change(told) : undefined));
  const at = changed.findLastIndex((told) => told !== undefined);
  const log = world.log.map((entry, index) => (index === at ? { ...entry, told: changed[at] ?? entry.told } : entry));
  return { ...world, log, seen: undefined };
}

/** The same world with the ids that its new messages really got. */
export function withIds(world: World, queue: readonly Message[]): World {
  const log = world.log.map(({ told, edits }, index) => {
    const id = told.id === "" ? (queue[world.boot.length + index]?.id ?? "missing") : told.id;
    return { told: { ...told, id }, edits };
  });
  return { ...world, log };
}

/** What going from one world to another is told as. Lists are sorted. */
export function changeBetween(before: World, after: World): MemoryChange {
  const without = <T>(items: readonly T[], others: readonly T[]): T[] => {
    const known = new Set(others);
    return items.filter((item) => !known.has(item)).sort();
  };
  const [then, now] = [before, after].map(({ log }) => log.map(({ told }) => told.id));
  const texts = new Map(before.log.map(({ told }) => [told.id, JSON.stringify(told)]));
  const rewritten = after.log.filter(
    ({ told }) => (texts.get(told.id) ?? JSON.stringify(told)) !== JSON.stringify(told),
  );
  return {
    messages: {
      removed: without(then ?? [], now ?? []).length,
      added: without(now ?? [], then ?? []).length,
      rewritten: rewritten.length,
    },
    evicted: 0,
    blocks: Object.keys(after.blocks)
      .filter((label) => before.blocks[label] !== after.blocks[label])
      .map((label) => ({ label, before: before.blocks[label] ?? "", after: after.blocks[label] ?? "" }))
      .sort((a, b) => a.label.localeCompare(b.label)),
    passages: { removed: without(before.archive, after.archive), added: without(after.archive, before.archive) },
    settings: [],
  };
}
