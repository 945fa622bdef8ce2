import {
  type FoundImport,
  type FoundMemory,
  type ImportProgress,
  type ImportReport,
  type MemGPT,
  MemGPTError,
  shownTime,
} from "../../index.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { isConfirmed } from "../terminal/confirm.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { warn } from "../terminal/print.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { visible } from "../terminal/sanitize.ts";

export type ImportCommandOptions = {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
};

const UNITS = { reading: "messages read", checking: "texts checked", embedding: "passages embedded" } as const;

const REFUSAL = "Nothing was imported; pass --yes to import without confirmation.";

/** A file, and the agent to import it into, if the person named one. */
export type NamedFile = { readonly file: string; readonly agent?: string | undefined };

/** Memory found in a file or folder, and the agent to import it into, if the person named one. */
export type NamedImport = { readonly found: FoundImport; readonly agent?: string | undefined };

/** What goes into one agent. */
type Plan = {
  readonly found: FoundImport;
  readonly memory: FoundMemory;
  readonly agent: string;
  readonly isNew: boolean;
};

/**
 * `memgpt import FILE…`: reads every file before it changes anything, shows what it found, and imports it if the person
 * agrees.
 *
 * @returns the exit code.
 */
export async function importFiles(files: readonly NamedFile[], options: ImportCommandOptions): Promise<number> {
  const memgpt = await openHome();
  const found: NamedImport[] = [];
  for (const { file, agent } of files) found.push({ found: await memgpt.imports.find(file), agent });
  return importFound(memgpt, found, options);
}

/**
 * Shows what was found, and imports it if the person agrees. An agent that cannot be imported does not stop the others.
 *
 * @returns the exit code.
 */
export async function importFound(
  memgpt: MemGPT,
  found: readonly NamedImport[],
  options: ImportCommandOptions,
): Promise<number> {
  const plans = await plansOf(memgpt, found);
  const print = (text: string): void => {
    (options.json === true ? process.stderr : process.stdout).write(`${visible(text)}\n`);
  };
  for (const plan of plans) print(planText(plan));
  if (options.dryRun === true) {
    if (options.json === true) process.stdout.write(`${jsonText(plans.map(planJson), 2)}\n`);
    else print("Nothing was imported (--dry-run).");
    return 0;
  }
  if (options.yes !== true && !(await isConfirmed("Import it?", REFUSAL, true))) {
    print("Nothing was imported.");
    return 0;
  }
  const { signal, stop } = onInterrupt();
  const progress = new ProgressLine(process.stderr);
  const reports: ImportReport[] = [];
  let failed = 0;
  try {
    for (const { found: file, memory, agent } of plans) {
      try {
        const onProgress = (at: ImportProgress): void => {
          progress.show({ ...at, label: `importing into ${agent}`, unit: UNITS[at.phase] });
        };
        const report = await memgpt.imports.add(file, memory, { agent, signal, onProgress });
        progress.end();
        reports.push(report);
        if (options.json !== true) print(reportText(report, memory));
      } catch (error) {
        progress.end();
        if (plans.length === 1 || !(error instanceof MemGPTError) || error.code === "interrupted") throw error;
        failed += 1;
        warn(`${agent} was not imported: ${error.message}`);
      }
    }
  } finally {
    stop();
    await memgpt.close();
  }
  if (options.json === true) process.stdout.write(`${jsonText(reports.map(reportJson), 2)}\n`);
  return failed === 0 ? 0 : 1;
}

async function plansOf(memgpt: MemGPT, imports: readonly NamedImport[]): Promise<Plan[]> {
  const plans: Plan[] = [];
  for (const { found, agent } of imports) {
    if (agent !== undefined && found.memories.length > 1) {
      const message = `${found.file} holds ${found.memories.length} agents; --agent works only for one. Nothing was imported.`;
      throw new MemGPTError("invalid_input", message);
    }
    for (const memory of found.memories) {
      const name = agent ?? (await memgpt.imports.suggestedAgent(found, memory));
      plans.push({ found, memory, agent: name, isNew: !(await memgpt.hasAgent(name)) });
    }
  }
  return plans;
}

function planText({ found, memory, agent, isNew }: Plan): string {
  const { blocks, messages, passages, contacts = [] } = memory;
  const brought = [
    ...(blocks.length > 0 && isNew ? [counted(blocks.length, "block")] : []),
    ...(messages.length > 0
      ? [`${counted(messageCount(memory, isNew), "message")}${conversationsText(memory)}${spanText(messages)}`]
      : []),
    ...(passages.length > 0 ? [counted(passages.length, "passage")] : []),
  ];
  const what = brought.length === 0 ? "nothing to import" : brought.join(", ");
  const lines = [`${found.file}: ${found.format}: ${what}, for the ${isNew ? "new agent" : "agent"} ${agent}.`];
  if (found.left.length > 0) lines.push(`  left out: ${found.left.join("; ")}`);
  if (isNew && contacts.length > 0)
    lines.push(`  what it knows is sent to ${contacts.join(" and ")}, as the file says`);
  return lines.join("\n");
}

/** A new agent made from a whole export also gets its thoughts, calls and events, which are messages. */
function messageCount({ whole, messages }: FoundMemory, isNew: boolean): number {
  return (isNew ? (whole?.messages ?? messages) : messages).length;
}

function conversationsText({ conversations }: FoundMemory): string {
  return conversations > 1 ? ` of ${counted(conversations, "conversation")}` : "";
}

function spanText(messages: FoundMemory["messages"]): string {
  const times = messages.flatMap(({ createdAt }) => createdAt ?? []).sort();
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return "";
  const [from, to] = [shownTime(first).slice(0, 10), shownTime(last).slice(0, 10)];
  return from === to ? ` of ${from}` : ` from ${from} to ${to}`;
}

function reportText({ agent, isNew, messages, passages, known, notes }: ImportReport, found: FoundMemory): string {
  const blocks = found.blocks.length;
  const split = passages > found.passages.length ? " (long texts are split)" : "";
  const skipped = known === 0 ? "" : ` (${known.toLocaleString("en-US")} were there already)`;
  const undo = messages + passages === 0 || isNew ? "" : ` \`memgpt undo ${shellWord(agent)}\` takes it back.`;
  const own = isNew && blocks > 0 ? `${counted(blocks, "block")}, ` : "";
  const added = `${own}${counted(messages, "message")} and ${counted(passages, "passage")}${split}${skipped}.${undo}`;
  return [`${isNew ? "Created agent" : "Imported into"} ${agent}: ${added}`, ...notes.map((note) => `  ${note}`)].join(
    "\n",
  );
}

function planJson({ found: { file, format, left }, memory, agent, isNew }: Plan): Record<string, unknown> {
  const { blocks, conversations, passages, contacts = [] } = memory;
  const counts = {
    blocks: blocks.length,
    conversations,
    messages: messageCount(memory, isNew),
    passages: passages.length,
  };
  return { file, format, agent, new: isNew, ...counts, contacts, left };
}

function reportJson({ isNew, ...report }: ImportReport): Record<string, unknown> {
  return { ...report, new: isNew };
}
