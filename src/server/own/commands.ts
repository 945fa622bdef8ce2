import { type Agent, MemGPTError } from "../../index.ts";
import type { Service } from "../http/service.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";

/** One in-chat command. `argument` is the text after its name. */
type Command = (agent: Agent, argument: string, signal: AbortSignal) => Promise<unknown>;

/** The turn's last event of these types, which says how it ended. */
async function turn(events: ReturnType<Agent["send"]>): Promise<unknown> {
  let end: unknown = null;
  for await (const event of events) if (event.type === "turn_end" || event.type === "queue_flush") end = event;
  return end;
}

/** The in-chat commands that read or change an agent, by their names in the terminal. */
const COMMANDS: Readonly<Record<string, Command>> = {
  memory: async (agent) => agent.state.blocks,
  context: async (agent) => agent.context(),
  cost: (agent) => agent.spent(),
  dump: async (agent) => agent.state.queue,
  pop: (agent, argument) => agent.pop(count(argument, 3)),
  undo: (agent, argument) => agent.undo(count(argument, 1)),
  redo: (agent) => agent.redo(),
  retry: (agent, _, signal) => turn(agent.retry({ signal })),
  edit: (agent, message, signal) => turn(agent.retry({ message: needed(message), signal })),
  rethink: (agent, text) => agent.rethink(needed(text)),
  rewrite: (agent, text) => agent.rewrite(needed(text)),
  save: (agent, name) => agent.checkpoint(name === "" ? null : name),
  load: (agent, which) => agent.loadCheckpoint(needed(which)),
  checkpoints: (agent) => agent.checkpoints(),
  history: (agent, label) => agent.history(label === "" ? undefined : label),
  why: async (agent) => (await agent.why()) ?? null,
  summarize: (agent, hint, signal) => turn(agent.summarize({ signal, ...(hint === "" ? {} : { hint }) })),
  wipe: (agent) => agent.wipe(),
  search: (agent, query) => agent.findAll({ query: needed(query) }),
  recall: (agent, query) => agent.find({ query: needed(query), in: "recall" }),
  archival: (agent, query) => agent.find({ query: needed(query), in: "archival" }),
  systemswap: (agent, text) => agent.setSystem(needed(text)),
  model: (agent, model) => agent.configure({ model: needed(model) }),
  add_function: async (agent, name) => agent.addFunction(needed(name)).then(() => agent.state.functions),
  remove_function: async (agent, name) => agent.removeFunction(needed(name)).then(() => agent.state.functions),
};

export function commandRoutes({ api }: Service): void {
  own(api, CONTRACTS.command, async ({ c, owner, entry, body }) => {
    const [, name = "", argument = ""] = /^\/?(\S+)\s*([\s\S]*)$/.exec(body.command.trim()) ?? [];
    const agent = await entry();
    const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (run === undefined) {
      const known = Object.keys(COMMANDS).join(", ");
      throw new MemGPTError("invalid_input", `There is no command ${name}. Commands: ${known}. Nothing was done.`);
    }
    const { signal } = c.req.raw;
    const result = await owner.use(agent, (it) => run(it, argument.trim(), signal), signal);
    return { command: name, result: result ?? null };
  });
}

/** @throws MemGPTError `invalid_input`. */
function count(argument: string, absent: number): number {
  if (argument === "") return absent;
  if (/^\d+$/.test(argument) && Number(argument) > 0) return Math.min(Number(argument), Number.MAX_SAFE_INTEGER);
  throw new MemGPTError(
    "invalid_input",
    `The count must be a whole number of 1 or more (got ${argument}). Nothing was done.`,
  );
}

/** @throws MemGPTError `invalid_input`. */
function needed(argument: string): string {
  if (argument !== "") return argument;
  throw new MemGPTError("invalid_input", "The command needs an argument. Nothing was done.");
}
