import type { JSX } from "preact";
import { IconButton } from "../parts/icon.tsx";
import { lives } from "../store/conversation.ts";
import { roster } from "../store/roster.ts";
import { caller } from "../store/session.ts";
import { isPaletteOpen, isSideBarOpen, panel } from "../store/view.ts";
import { AgentRow } from "./agent-row.tsx";
import { NewAgent } from "./new-agent.tsx";

/** The agents there are, and what can be done with each. */
export function SideBar(): JSX.Element {
  const agents = roster.value;
  return (
    <nav class="side" aria-label="Agents">
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
        <span class="quiet model" title="The model that new agents get">
          {caller.value?.model ?? ""}
        </span>
      </footer>
    </nav>
  );
}
