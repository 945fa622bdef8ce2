import { call } from "../client/call.ts";
import { begin, isWhyOpen } from "./conversation.ts";
import { toForget } from "./forgetting.ts";
import { searchFor } from "./searching.ts";
import { goTo, keepPoint, redo, undo } from "./time.ts";
import { type Panel, agentId, isPaletteOpen, panel, tell } from "./view.ts";

type Run = (argument: string) => Promise<void> | void;

/** The terminal's commands that the page handles itself. The server runs the others. */
const HERE: Readonly<Record<string, Run>> = {
  "": list,
  help: list,
  memory: open("memory"),
  history: open("memory"),
  context: open("context"),
  cost: open("context"),
  dump: open("context"),
  checkpoints: open("time"),
  attach: open("sources"),
  detach: open("sources"),
  functions: open("settings"),
  search: (query) => {
    searchFor(query);
  },
  recall: (query) => {
    searchFor(query, "recall");
  },
  archival: (query) => {
    searchFor(query, "archival");
  },
  why: () => {
    isWhyOpen.value = true;
  },
  forget: (match) => {
    if (match === "") panel.value = "memory";
    else toForget.value = { match };
  },
  undo: async (count) => (/^\d*$/.test(count) ? undo(Number(count || "1")) : onServer(`/undo ${count}`)),
  redo,
  retry: async () => begin({ kind: "retry" }),
  save: keepPoint,
  load: async (which) => {
    if (which === "") panel.value = "time";
    else await goTo(which);
  },
};

/** Whether a text is a command: it begins with a slash, as in the terminal. */
export function isCommand(text: string): boolean {
  return text.startsWith("/");
}

/** Runs a command. @throws CallError if there is no such command, or it cannot be run. */
export async function runCommand(line: string): Promise<void> {
  const [, name = "", argument = ""] = /^\/(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const run = Object.hasOwn(HERE, name) ? HERE[name] : undefined;
  if (run !== undefined) {
    await run(argument);
    return;
  }
  await onServer(line.trim());
}

async function onServer(line: string): Promise<void> {
  const { command } = await call("post /v1/agents/{agent_id}/command", {
    params: { agent_id: agentId.value },
    body: { command: line },
  });
  tell(`Done: /${command}. One undo takes it back.`);
}

function list(): void {
  isPaletteOpen.value = true;
}

function open(name: Panel): Run {
  return () => {
    panel.value = name;
  };
}
