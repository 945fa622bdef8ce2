import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon, IconButton } from "../parts/icon.tsx";
import { lives } from "../store/conversation.ts";
import { makeAgent, roster } from "../store/roster.ts";
import { caller } from "../store/session.ts";
import { attempt, isPaletteOpen, isSideBarOpen, panel } from "../store/view.ts";
import { AgentRow } from "./agent-row.tsx";

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
      {agents?.length === 0 && <p class="quiet">No agents yet. Name one above, and talk to it.</p>}
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
        <span class="quiet" title="The model that new agents get">
          {caller.value?.model ?? ""}
        </span>
      </footer>
    </nav>
  );
}

function NewAgent(): JSX.Element {
  const [name, setName] = useState<string | null>(null);
  if (name === null) {
    return (
      <button
        id="new-agent"
        type="button"
        class="new"
        onClick={() => {
          setName("");
        }}
      >
        <Icon name="plus" /> New agent
      </button>
    );
  }
  const make = async (): Promise<void> => {
    setName(null);
    if (await attempt(() => makeAgent(name.trim()))) isSideBarOpen.value = false;
  };
  return (
    <form
      class="new"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") void make();
      }}
    >
      <input
        aria-label="Name of the new agent"
        placeholder="Its name, then Enter"
        value={name}
        ref={(input) => input?.focus()}
        onInput={(event) => {
          setName(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") setName(null);
        }}
      />
    </form>
  );
}
