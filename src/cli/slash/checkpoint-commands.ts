import { type Agent, type CheckpointEntry, shownTime } from "../../index.ts";
import { describeLoaded } from "../terminal/describe-change.ts";
import { counted } from "../terminal/one-line.ts";
import {
  type SlashCommand,
  type SlashCommands,
  type SlashContext,
  type SlashResult,
  print,
  refuse,
  usageLine,
} from "./command.ts";
import { inShell } from "./found.ts";

/** Automatic checkpoints that a list shows; of older ones only the number is told. */
const LISTED = 20;

const save: SlashCommand = {
  usage: "/save [name]",
  summary: "keep a checkpoint for ever, under a name if you give one (every turn writes one by itself)",
  details: ["/load NAME goes back to it."],
  example: "/save before the trip",
  async run(name, { agent }) {
    const { time } = await agent.checkpoint(name === "" ? null : name);
    await learnNames(agent);
    if (name === "")
      return print(`Saved the checkpoint of ${shownTime(time)}. It is kept for ever; /checkpoints lists it.`);
    return print(`Saved checkpoint "${name}". It is kept for ever; /load ${name} goes back to it.`);
  },
};

const load: SlashCommand = {
  usage: "/load [name|number|time]",
  summary: "go to an earlier or later checkpoint, memory and searches included; without one, pick it",
  details: [
    "A number is that of /checkpoints; a time means the newest checkpoint at or before it.",
    "Nothing is lost: /undo comes back.",
  ],
  example: "/load before the trip, /load 3 or /load yesterday 17:00",
  complete: (_, { agent }) => namesOf(agent),
  async run(which, context) {
    const wanted = which === "" ? await pick(context) : which;
    return typeof wanted === "string" ? goTo(wanted, context.agent) : wanted;
  },
};

const checkpoints: SlashCommand = {
  usage: "/checkpoints",
  summary: "list the checkpoints, numbered as /load takes them",
  example: "/checkpoints",
  async run(_, { agent }) {
    const entries = await learnNames(agent);
    return print(entries.length === 0 ? "There are no checkpoints yet." : await renderList(agent, entries));
  },
};

export const CHECKPOINT_COMMANDS: SlashCommands = { save, load, checkpoints };

/** Names of kept checkpoints as last seen, because completion cannot wait for the disk. */
const seen = new WeakMap<Agent, readonly string[]>();

function namesOf(agent: Agent): readonly string[] {
  // The next press of Tab has them.
  if (!seen.has(agent)) learnNames(agent).catch(() => undefined);
  return seen.get(agent) ?? [];
}

async function learnNames(agent: Agent): Promise<readonly CheckpointEntry[]> {
  const entries = await agent.checkpoints();
  seen.set(agent, [...new Set(entries.flatMap(({ name }) => (name === null ? [] : [name])))]);
  return entries;
}

/** @returns the file picked, or what is said instead. */
async function pick({ agent, terminal }: SlashContext): Promise<string | SlashResult> {
  const entries = await learnNames(agent);
  if (entries.length === 0) return refuse("There are no checkpoints yet.", "not_found");
  if (!terminal.interactive) return refuse(`${usageLine(load)}\n${await renderList(agent, entries)}`, "invalid_input");
  const current = await currentOp(agent);
  const { shown } = worthListing(entries);
  const choices = shown.map((entry) => ({ value: entry.file, name: checkpointLabel(entry, current) }));
  return (await terminal.pick("Which checkpoint?", choices)) ?? print("Nothing was loaded.");
}

async function goTo(which: string, agent: Agent): Promise<SlashResult> {
  const before = await currentOp(agent);
  const loaded = await agent.loadCheckpoint(which);
  if ((await currentOp(agent)) !== before) return print(describeLoaded(loaded));
  return print("You are at that checkpoint already. Nothing was changed.");
}

async function renderList(agent: Agent, entries: readonly CheckpointEntry[]): Promise<string> {
  const current = await currentOp(agent);
  const { shown, more } = worthListing(entries);
  const width = String(shown.at(-1)?.number ?? 0).length;
  const rows = shown.map((entry) => `${String(entry.number).padStart(width)}  ${checkpointLabel(entry, current)}`);
  const rest = `${counted(more, "older automatic one")} not shown; memgpt checkpoints ${inShell(agent.name)} lists all.`;
  return [...rows, ...(more === 0 ? [] : [rest])].join("\n");
}

/** The newest, all that a person kept, and what is wrong. */
function worthListing(entries: readonly CheckpointEntry[]): { shown: readonly CheckpointEntry[]; more: number } {
  const shown = entries.filter(({ kept, problem }, index) => index < LISTED || kept || problem !== null);
  return { shown, more: entries.length - shown.length };
}

/** A checkpoint in a list. `current` is the operation that the agent is at, if that is known. */
export function checkpointLabel(entry: CheckpointEntry, current: number | undefined): string {
  const { time, name, kept, op, after, problem } = entry;
  const marks = [...(kept ? ["kept"] : []), ...(op === current ? ["where you are"] : [])];
  const parts = [
    ...(name === null ? [] : [name]),
    ...(after === null ? [] : [`after ${after}`]),
    ...(problem === null ? [] : [`cannot be loaded: ${problem}`]),
  ];
  return [shownTime(time), ...parts, ...(marks.length === 0 ? [] : [`(${marks.join(", ")})`])].join("  ");
}

/** Every command writes a checkpoint of what it changed: the newest operation is that of where the agent is. */
async function currentOp(agent: Agent): Promise<number> {
  return agent.journal.head();
}
