import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "../parts/icon.tsx";
import { Toasts } from "../parts/toasts.tsx";
import { lives } from "../store/conversation.ts";
import { roster } from "../store/roster.ts";
import { caller } from "../store/session.ts";
import { isPaletteOpen, isSideBarOpen, panel } from "../store/view.ts";
import { isOver } from "../store/widths.ts";
import { AgentRow } from "./agent-row.tsx";
import { NewAgent } from "./new-agent.tsx";

/** The list of agents, with actions for each. */
export function SideBar(): JSX.Element {
  const agents = roster.value;
  const ref = useRef<HTMLElement>(null);
  const isShownOver = isSideBarOpen.value && isOver.side.value;
  useEffect(() => {
    if (!isShownOver) return undefined;
    const from = document.activeElement;
    // The box for a new name has the focus already.
    if (ref.current?.contains(from) !== true) ref.current?.querySelector<HTMLElement>(".side-close button")?.focus();
    return () => {
      const isLost = document.activeElement === document.body || ref.current?.contains(document.activeElement) === true;
      if (isLost && from instanceof HTMLElement) from.focus();
    };
  }, [isShownOver]);
  return (
    <nav ref={ref} class="side" aria-label="Agents">
      <header>
        <span class="brand">memgpt</span>
        <span class="side-close">
          <IconButton
            icon="close"
            label="Close the list of agents"
            onClick={() => {
              isSideBarOpen.value = false;
            }}
          />
        </span>
      </header>
      <NewAgent />
      <ul class="agents">
        {(agents ?? []).map((agent) => (
          <AgentRow key={agent.id} agent={agent} isBusy={lives.value.has(agent.id)} />
        ))}
      </ul>
      <Toasts place="side" />
      <footer>
        <button
          type="button"
          class="plain"
          onClick={() => {
            isPaletteOpen.value = true;
          }}
        >
          Commands <kbd>Ctrl K</kbd>
        </button>
        <button
          type="button"
          class="plain"
          onClick={() => {
            panel.value = "settings";
            isSideBarOpen.value = false;
          }}
        >
          Settings
        </button>
        {caller.value !== null && <span class="quiet model">New agents use {caller.value.model}</span>}
      </footer>
    </nav>
  );
}
