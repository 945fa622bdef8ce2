import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { makeAgent } from "../store/roster.ts";
import { attempt, isSideBarOpen } from "../store/view.ts";

/** Opens the field for a new agent's name, wherever it is asked for. */
export function openNewAgent(): void {
  isSideBarOpen.value = true;
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>("#new-agent")?.click();
  });
}

/** Makes an agent of a name. */
export function NewAgent(): JSX.Element {
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
