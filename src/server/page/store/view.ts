import { effect, signal } from "@preact/signals";
import { keep, kept } from "./kept.ts";

export const PANELS = ["memory", "search", "time", "context", "sources", "settings"] as const;
export type Panel = (typeof PANELS)[number];

/** The agent that is shown; empty for none. */
export const agentId = signal(kept("agent"));
/** What stands beside the chat; null for nothing. */
export const panel = signal<Panel | null>(null);

/** Shows what the address names: `#/agent/panel`. */
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

/** Something that a person should know and need not answer. */
export type Toast = { readonly id: number; readonly text: string; readonly isFailure: boolean };
export const toasts = signal<readonly Toast[]>([]);
const TOAST_MS = 8000;
let toastCount = 0;

export function tell(text: string, isFailure = false): void {
  toastCount += 1;
  const toast = { id: toastCount, text, isFailure };
  toasts.value = [...toasts.value.slice(-3), toast];
  setTimeout(() => {
    dismiss(toast.id);
  }, TOAST_MS);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Does something that a person asked for, and says what failed. @returns whether it was done. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error), true);
    return false;
  }
}

effect(() => {
  keep("agent", agentId.value);
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
