import type { Argument, Command, Option } from "commander";
import { MemGPTError } from "../../errors.ts";
import type { MemGPT } from "../../index.ts";
import { visible } from "../terminal/sanitize.ts";

/** A possible completion of a word. */
type Candidate = { readonly value: string; readonly description?: string };

/** Completions of the word being typed. `files`: let the shell complete file names. */
type Completion = { readonly candidates: readonly Candidate[]; readonly files: boolean };

const FILES: Completion = { candidates: [], files: true };

/** Lists of names stored in the home directory, by the name of their flag. */
type Names = Readonly<Record<string, () => Promise<readonly Candidate[]>>>;

/**
 * `memgpt __complete SHELL -- WORD…`: prints completions of the last word, one a line with its description after a tab, or
 * `:files`.
 */
export async function printCompletion(program: Command, shell: string, words: readonly string[]): Promise<void> {
  const { candidates, files } = await complete(program, shell === "bash" ? rejoined(words) : words, namesInHome());
  // Bash inserts only what follows the equals sign.
  const typed = words.at(-2) === "=" ? words.at(-1) : words.at(-1) === "=" ? "" : undefined;
  const shown =
    shell === "bash" && typed !== undefined
      ? candidates.map(({ value, ...rest }) => ({ ...rest, value: value.replace(/^--[\w-]+=/, "") }))
      : candidates;
  const lines = files ? [":files"] : shown.map(({ value, description = "" }) => visible(`${value}\t${description}`));
  process.stdout.write(lines.map((line) => `${line.replaceAll("\n", " ")}\n`).join(""));
}

/** Completions of the last of `words`, the words after `memgpt`. */
export async function complete(program: Command, words: readonly string[], names: Names): Promise<Completion> {
  const current = unquoted(words.at(-1) ?? "");
  const { command, positional, pending, onlyPositional } = walk(program, words.slice(0, -1));
  if (pending !== undefined) return narrowed(await valuesOf(pending, names), current);
  const [, flag, value] = /^(--[\w-]+)=(.*)$/.exec(current) ?? [];
  if (flag !== undefined && value !== undefined && !onlyPositional) {
    const option = optionNamed(command, flag);
    if (option === undefined) return NOTHING;
    const found = narrowed(await valuesOf(option, names), value);
    return {
      ...found,
      candidates: found.candidates.map((candidate) => ({ ...candidate, value: `${flag}=${candidate.value}` })),
    };
  }
  if (current.startsWith("-") && !onlyPositional) return narrowed(flagsOf(command), current);
  const isFirst = positional === 0;
  const commands = isFirst ? visibleCommands(command) : [];
  const argument = command.registeredArguments[positional];
  const values = argument === undefined ? NOTHING : await valuesOf(argument, names);
  return narrowed({ ...values, candidates: [...commands, ...values.candidates] }, current);
}

const NOTHING: Completion = { candidates: [], files: false };

type Position = {
  readonly command: Command;
  /** Number of positional arguments so far. */
  readonly positional: number;
  /** The option whose value the next word is. */
  readonly pending: Option | undefined;
  readonly onlyPositional: boolean;
};

function walk(program: Command, words: readonly string[]): Position {
  let position: Position = { command: program, positional: 0, pending: undefined, onlyPositional: false };
  for (const word of words) position = step(position, unquoted(word));
  return position;
}

function step({ command, positional, pending, onlyPositional }: Position, word: string): Position {
  const here = { command, positional, pending: undefined, onlyPositional };
  if (pending !== undefined) return here;
  if (word === "--") return { ...here, onlyPositional: true };
  if (word.startsWith("-") && !onlyPositional) {
    const option = word.includes("=") ? undefined : optionNamed(command, word);
    return { ...here, pending: option?.required === true ? option : undefined };
  }
  const child = positional === 0 ? command.commands.find((candidate) => candidate.name() === word) : undefined;
  return child === undefined ? { ...here, positional: positional + 1 } : { ...here, command: child };
}

/** Without a command, the flags are those of `run`. */
function withFlags(command: Command): Command {
  return command.parent === null ? (command.commands.find((child) => child.name() === "run") ?? command) : command;
}

function optionNamed(command: Command, flag: string): Option | undefined {
  return withFlags(command).options.find(({ long, short }) => long === flag || short === flag);
}

function flagsOf(command: Command): Completion {
  const own = command.parent === null ? [...command.options, ...withFlags(command).options] : command.options;
  const candidates = own
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ value: long ?? short ?? "", description }));
  return { candidates: [...candidates, { value: "--help", description: "show help" }], files: false };
}

function visibleCommands(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((child) => ({ value: child.name(), description: child.description() }));
}

async function valuesOf(target: Option | Argument, names: Names): Promise<Completion> {
  if (target.argChoices !== undefined) {
    return { candidates: target.argChoices.map((value) => ({ value })), files: false };
  }
  const [name, placeholder] =
    "flags" in target
      ? [target.attributeName(), /[<[]([^>\]]+)[>\]]/.exec(target.flags)?.[1]]
      : [target.description, target.name()];
  if (placeholder === "file" || placeholder === "folder") return FILES;
  const list = Object.hasOwn(names, name) ? names[name] : undefined;
  return list === undefined ? NOTHING : { candidates: await list(), files: false };
}

function narrowed({ candidates, files }: Completion, typed: string): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(typed)), files };
}

/** A word, perhaps incomplete, as the shell would pass it. */
function unquoted(word: string): string {
  return word.replace(/^["']/, "").replace(/\\(.)/g, "$1");
}

/** Bash splits `--flag=value` into three words. */
function rejoined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [index, word] of words.entries()) {
    const isJoined = (word === "=" || words[index - 1] === "=") && whole.at(-1)?.startsWith("--") === true;
    if (isJoined) whole.push(`${whole.pop() ?? ""}${word}`);
    else whole.push(word);
  }
  return whole;
}

/** Loads the library only when a name is needed. */
function namesInHome(): Names {
  const open = async (): Promise<MemGPT> => (await import("../../index.ts")).MemGPT.open();
  const resources = (kind: "presets" | "personas" | "humans") => async (): Promise<Candidate[]> =>
    (await open()).resources.list(kind).map(({ name, description }) => ({
      value: name,
      ...(description === undefined ? {} : { description }),
    }));
  const agents = async (): Promise<Candidate[]> =>
    (await (await open()).listAgents()).map(({ name }) => ({ value: name }));
  const settings = async (): Promise<Candidate[]> =>
    Object.keys((await import("../../index.ts")).configSchema.shape).map((value) => ({ value }));
  // Tab completion is no place for errors: an unreadable home has no names.
  const quietly = (list: () => Promise<readonly Candidate[]>) => async (): Promise<readonly Candidate[]> =>
    list().catch((error: unknown) => {
      if (error instanceof MemGPTError) return [];
      throw error;
    });
  return {
    agent: quietly(agents),
    preset: quietly(resources("presets")),
    persona: quietly(resources("personas")),
    human: quietly(resources("humans")),
    setting: quietly(settings),
  };
}
