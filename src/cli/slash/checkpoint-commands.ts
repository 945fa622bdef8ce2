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
import { shellWord } from "../terminal/shell-word.ts";

/** Number of automatic checkpoints that a list shows; it only counts older ones. */
const LISTED = 20;

const save: SlashCommand = {
  usage: "/save [name]",
  summary: "save a checkpoint that is never removed, under a name if you like (every turn saves one anyway)",
  details: ["/load NAME returns to it."],
  example: "/save before the trip",
  async run(typed, { agent }) {
    const { time, name } = await agent.checkpoint(typed === "" ? null : typed);
    await listAndRemember(agent);
    if (name === null) return print(`Saved the checkpoint of ${shownTime(time)} for good; /checkpoints lists it.`);
    return print(`Saved checkpoint "${name}" for good; /load ${name} returns to it.`);
  },
};

const load: SlashCommand = {
  usage: "/load [name|number|time]",
  summary: "go to an earlier or later checkpoint, memory included; without an argument, choose one",
  details: [
    "The number is from /checkpoints; a time selects the newest checkpoint at or before it.",
    "Nothing is lost: /undo returns.",
  ],
  example: "/load before the trip, /load 3 or /load yesterday 17:00",
  complete: (_, { agent }) => namesOf(agent),
  async run(which, context) {
    const choice = which === "" ? await pick(context) : which;
    return typeof choice === "string" ? goTo(choice, context.agent) : choice;
  },
};

const checkpoints: SlashCommand = {
  usage: "/checkpoints",
  summary: "list the checkpoints with the numbers that /load accepts",
  example: "/checkpoints",
  async run(_, { agent }) {
    const entries = await listAndRemember(agent);
    return print(entries.length === 0 ? "No checkpoints yet." : await renderList(agent, entries));
  },
};

export const CHECKPOINT_COMMANDS: SlashCommands = { save, load, checkpoints };

/** Names of kept checkpoints when last listed: completion cannot wait for the disk. */
const seen = new WeakMap<Agent, readonly string[]>();

function namesOf(agent: Agent): readonly string[] {
  // The names are ready for the next press of Tab.
  if (!seen.has(agent)) listAndRemember(agent).catch(() => undefined);
  return seen.get(agent) ?? [];
}

async function listAndRemember(agent: Agent): Promise<readonly CheckpointEntry[]> {
  const entries = await agent.checkpoints();
  seen.set(agent, [...new Set(entries.flatMap(({ name }) => (name === null ? [] : [name])))]);
  return entries;
}

/** @returns the chosen file, or the result to print instead. */
async function pick({ agent, terminal }: SlashContext): Promise<string | SlashResult> {
  const entries = await listAndRemember(agent);
  if (entries.length === 0) return refuse("No checkpoints yet.", "not_found");
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
  return refuse("You are already at that checkpoint. Nothing was changed.", "not_found");
}

async function renderList(agent: Agent, entries: readonly CheckpointEntry[]): Promise<string> {
  const current = await currentOp(agent);
  const { shown, more } = worthListing(entries);
  const width = String(shown.at(-1)?.number ?? 0).length;
  const rows = shown.map((entry) => `${String(entry.number).padStart(width)}  ${checkpointLabel(entry, current)}`);
  const rest = `${counted(more, "older automatic one")} not shown; memgpt checkpoints ${shellWord(agent.name)} lists all.`;
  return [...rows, ...(more === 0 ? [] : [rest])].join("\n");
}

/** The newest checkpoints, all kept ones, and all damaged ones. */
function worthListing(entries: readonly CheckpointEntry[]): { shown: readonly CheckpointEntry[]; more: number } {
  const shown = entries.filter(({ kept, problem }, index) => index < LISTED || kept || problem !== null);
  return { shown, more: entries.length - shown.length };
}

/** A checkpoint in a list. `current` is the agent's current operation, if known. */
export function checkpointLabel(entry: CheckpointEntry, current: number | undefined): string {
  const { time, name, kept, op, after, problem } = entry;
  const marks = [...(kept ? ["kept"] : []), ...(op === current ? ["current"] : [])];
  const since = op === 0 ? "its creation" : after;
  const parts = [
    ...(name === null ? [] : [name]),
    ...(since === null ? [] : [`after ${since}`]),
    ...(problem === null ? [] : [`cannot be loaded: ${problem}`]),
  ];
  return [shownTime(time), ...parts, ...(marks.length === 0 ? [] : [`(${marks.join(", ")})`])].join("  ");
}

/** The agent's current operation. Every change writes a checkpoint of its own. */
async function currentOp(agent: Agent): Promise<number> {
  return agent.journal.head();
}
