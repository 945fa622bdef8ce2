import { openNewAgent } from "../agents/new-agent.tsx";
import { redo, undo } from "../store/time.ts";
import { begin, isWhyOpen, live, stop } from "../store/conversation.ts";
import { asked, copyAgent, exportAgent, roster } from "../store/roster.ts";
import { caller, signOut } from "../store/session.ts";
import { PANELS, agentId, attempt, isPaletteOpen, isSideBarOpen, panel, theme } from "../store/view.ts";
import { isOver } from "../store/widths.ts";
import { openPanel } from "./open-panel.ts";

/** A command of the palette. `also` are further words by which it is found. */
export type PageCommand = {
  readonly name: string;
  readonly keys?: string;
  readonly also?: string;
  readonly run: () => void;
};

const PANEL_COMMANDS: Readonly<Record<(typeof PANELS)[number], Pick<PageCommand, "name" | "also">>> = {
  memory: { name: "Show memory", also: "what it knows about me, facts, correct, edit" },
  search: { name: "Search what it remembers", also: "find" },
  time: { name: "Go back in time", also: "yesterday, earlier, restore, checkpoints, history" },
  context: { name: "Show the context window", also: "tokens, cost" },
  sources: { name: "Load files, and choose what it can search", also: "upload, documents, sources" },
  settings: { name: "Settings: model, functions, import, export, users", also: "keys, mcp, tools, embedding" },
};

/** The commands available now. */
export function pageCommands(): readonly PageCommand[] {
  const agents = roster.value ?? [];
  const current = agents.find(({ id }) => id === agentId.value);
  const of = (name: string, work: () => Promise<unknown>, keys?: string): PageCommand => ({
    name,
    ...(keys === undefined ? {} : { keys }),
    run: () => void attempt(work),
  });
  return [
    ...(live.value === undefined ? [] : [of("Stop the agent", stop, "Esc")]),
    { name: "Write a message", keys: "/", run: focusComposer },
    ...PANELS.map((name) => ({
      ...PANEL_COMMANDS[name],
      run: () => {
        openPanel(name);
      },
    })),
    of("Undo the last turn or command, memory included", undo),
    of("Redo", redo),
    { name: "Forget something for good", run: openForget },
    {
      name: "Why did it say that?",
      run: () => {
        isWhyOpen.value = true;
      },
    },
    of("Answer again", () => begin({ kind: "retry" })),
    of("Continue the interrupted turn", () => begin({ kind: "continue" })),
    ...agents.map(({ id, name }) => ({
      name: `Talk to ${name}`,
      run: () => {
        agentId.value = id;
      },
    })),
    { name: "Make an agent", run: openNewAgent },
    ...(current === undefined
      ? []
      : [
          of(`Copy ${current.name}`, () => copyAgent(current.id, `${current.name} copy`)),
          of(`Export ${current.name}`, () => exportAgent(current)),
          ...(["rename", "delete"] as const).map((kind) => ({
            name: `${kind === "rename" ? "Rename" : "Delete"} ${current.name}`,
            run: () => {
              isSideBarOpen.value = isOver.side.value;
              asked.value = { kind, id: current.id };
            },
          })),
        ]),
    ...(["system", "light", "dark"] as const).map((name) => ({
      name: `Theme: ${name === "system" ? "as the system" : name}`,
      run: () => {
        theme.value = name;
      },
    })),
    ...(caller.value?.needsKey === true ? [of("Sign out", signOut)] : []),
  ];
}

function focusComposer(): void {
  document.querySelector<HTMLElement>("#composer")?.focus();
}

function openForget(): void {
  panel.value = "memory";
  requestAnimationFrame(() => {
    const form = document.querySelector<HTMLDetailsElement>("#forget");
    if (form === null) return;
    form.open = true;
    form.scrollIntoView({ block: "nearest" });
    form.querySelector<HTMLElement>("input, select")?.focus();
  });
}

/** Handles Escape: closes the list of agents if it covers the chat, stops the agent, or closes the panel. Fields handle it themselves. */
function leave(from: EventTarget | null): void {
  if (!(from instanceof HTMLElement) || (from.matches(FIELDS) && from.id !== "composer")) return;
  if (isSideBarOpen.value && isOver.side.value) isSideBarOpen.value = false;
  else if (live.value !== undefined) void attempt(stop);
  else if (from.closest(".panel") !== null) {
    panel.value = null;
    focusComposer();
  }
}

const FIELDS = "input, textarea, select";

/** Handles global keys. */
export function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    isPaletteOpen.value = !isPaletteOpen.value;
    return;
  }
  if (event.defaultPrevented || document.querySelector("dialog[open]") !== null) return;
  const isWriting = event.target instanceof HTMLElement && event.target.matches(FIELDS);
  if (event.key === "Escape") leave(event.target);
  if (event.key === "/" && !isWriting) {
    event.preventDefault();
    focusComposer();
  }
}
