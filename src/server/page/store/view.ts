import { effect, signal } from "@preact/signals";
import { keep, kept } from "./kept.ts";

export const PANELS = ["memory", "search", "time", "context", "sources", "settings"] as const;
export type Panel = (typeof PANELS)[number];

/** Id of the shown agent; empty for none. */
export const agentId = signal(kept("agent"));
/** The open panel; null if none is. */
export const panel = signal<Panel | null>(null);

/** Shows the agent and panel in the address: `#/agent/panel`. */
function goToAddress(): void {
  const [, id = "", name = ""] = /^#\/([\w-]*)(?:\/(\w+))?$/.exec(location.hash) ?? [];
  if (id === "") return;
  agentId.value = id;
  panel.value = PANELS.find((it) => it === name) ?? null;
}
goToAddress();
window.addEventListener("hashchange", goToAddress);
export const isSideBarOpen = signal(false);
export const isPaletteOpen = signal(false);
export type Theme = "system" | "light" | "dark";
export const theme = signal<Theme>(themeOf(kept("theme")));

/** A brief message that needs no answer. */
export type Toast = { readonly id: number; readonly text: string; readonly isFailure: boolean };
export const toasts = signal<readonly Toast[]>([]);
const TOAST_MS = 8000;
let toastCount = 0;

/** @returns its id, by which it can be dismissed. */
export function tell(text: string, isFailure = false): number {
  toastCount += 1;
  const toast = { id: toastCount, text, isFailure };
  toasts.value = [...toasts.value.slice(-3), toast];
  setTimeout(() => {
    dismiss(toast.id);
  }, TOAST_MS);
  return toast.id;
}

export function tellFailure(error: unknown): number {
  return tell(error instanceof Error ? error.message : String(error), true);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Removes all notices: they describe the last action, and another one follows. */
export function dismissAll(): void {
  toasts.value = [];
}

/** Runs an action, and reports an error. @returns whether it succeeded. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  dismissAll();
  const isDone = await look(work);
  requestAnimationFrame(keepFocus);
  return isDone;
}

/** What had the focus may be gone with the action: the conversation takes it, so that the keyboard does not start over. */
function keepFocus(): void {
  if (document.activeElement === document.body) {
    document.querySelector<HTMLElement>("[role=log]")?.focus({ preventScroll: true });
  }
}

/** Like `attempt`, for reading: earlier notices stay. */
export async function look(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    tellFailure(error);
    return false;
  }
}

effect(() => {
  keep("agent", agentId.value);
  dismissAll();
});

effect(() => {
  const hash = `#/${agentId.value}${panel.value === null ? "" : `/${panel.value}`}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
});

effect(() => {
  const { value } = theme;
  keep("theme", value === "system" ? "" : value);
  if (value === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = value;
});

function themeOf(text: string): Theme {
  return text === "light" || text === "dark" ? text : "system";
}
