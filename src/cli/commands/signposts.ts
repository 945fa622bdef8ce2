import type { Command } from "commander";

const CHAT = "`memgpt run` chats with an agent; `memgpt run NAME` with that one.";
const MODELS = "`memgpt configure` lists a server's models; `memgpt run --model NAME` uses one.";
const SOURCES =
  "`memgpt load NAME PATH…` loads files, folders or web pages into a source; `memgpt list sources` lists them.";
const SETUP = "`memgpt configure` asks for model, key and more; `memgpt configure set KEY VALUE` changes one setting.";
const DELETE = "`memgpt delete agent NAME` deletes an agent.";
const MAKE = "`memgpt run NAME` creates an agent of that name and chats with it.";
const INSPECT = "`memgpt inspect NAME` shows an agent's settings, core memory, and how much it stores.";
const EXPORT = "`memgpt export NAME` prints an agent's whole conversation and memory.";
const FUNCTIONS =
  "`memgpt functions list` shows what agents can be given, and with an agent's name what it may call; `memgpt functions add AGENT NAME` adds one.";

/**
 * Words that users of the original MemGPT, Letta or other programs may type, and where to find the same thing here. Some are
 * two words. An existing command wins over its entry here.
 */
const SIGNS: Readonly<Record<string, string>> = {
  chat: CHAT,
  talk: CHAT,
  start: CHAT,
  open: CHAT,
  resume: "`memgpt run --resume` lets you choose an agent; `memgpt run NAME` continues with that one.",
  create: MAKE,
  new: MAKE,
  "create-agent": MAKE,
  "create agent": MAKE,
  models: MODELS,
  model: MODELS,
  "list models": MODELS,
  "list-models": MODELS,
  agents: "`memgpt list agents` lists them.",
  ls: "`memgpt list agents` lists the agents.",
  personas: "`memgpt list personas` lists them.",
  humans: "`memgpt list humans` lists them.",
  presets: "`memgpt list presets` lists them.",
  "delete-agent": DELETE,
  remove: DELETE,
  rm: DELETE,
  mv: "`memgpt rename OLD NEW` renames an agent.",
  cp: "`memgpt copy NAME NEW` copies an agent.",
  serve: "The server is `memgpt server`.",
  connect: SETUP,
  sources: SOURCES,
  benchmark: "`memgpt eval functions` measures whether a model calls the right functions.",
  bench: "`memgpt eval functions` measures whether a model calls the right functions.",
  config: SETUP,
  setup: SETUP,
  init: SETUP,
  settings: SETUP,
  login: "`memgpt configure set api_key -` stores a key, read from standard input.",
  key: "`memgpt configure set api_key -` stores a key, read from standard input.",
  info: INSPECT,
  memory: `${INSPECT} In the chat, /memory shows core memory.`,
  messages: EXPORT,
  log: EXPORT,
  logs: EXPORT,
  dump: EXPORT,
  status: "`memgpt doctor` says whether everything works; `memgpt list agents` lists the agents.",
  tools: FUNCTIONS,
  functions: FUNCTIONS,
  "list tools": FUNCTIONS,
  "list functions": FUNCTIONS,
  revert: "`memgpt undo NAME` undoes an agent's last turn; `memgpt restore NAME CHECKPOINT` restores a checkpoint.",
  rollback: "`memgpt undo NAME` undoes an agent's last turn; `memgpt restore NAME CHECKPOINT` restores a checkpoint.",
};

/** The error for an unknown command that has a hint; undefined if `words` are a command, or have no entry. */
export function signpost({ commands }: Command, words: readonly string[]): string | undefined {
  const [first = "", second = ""] = words;
  const command = commands.find((candidate) => candidate.name() === first);
  if (command?.commands.some((candidate) => candidate.name() === second) === true) return undefined;
  const sign = signFor(`${first} ${second}`) ?? (command === undefined ? signFor(first) : undefined);
  return sign === undefined
    ? undefined
    : `Unknown command ${second === "" || command === undefined ? first : `${first} ${second}`}. ${sign}`;
}

function signFor(words: string): string | undefined {
  const known = words.toLowerCase();
  return Object.hasOwn(SIGNS, known) ? SIGNS[known] : undefined;
}
