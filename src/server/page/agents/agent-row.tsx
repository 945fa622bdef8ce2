import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Question } from "../parts/dialog.tsx";
import { IconButton } from "../parts/icon.tsx";
import { type RosterEntry, copyAgent, deleteAgent, exportAgent, renameAgent } from "../store/roster.ts";
import { agentId, attempt, isSideBarOpen } from "../store/view.ts";

/** One agent in the list. */
export function AgentRow({ agent, isBusy }: { readonly agent: RosterEntry; readonly isBusy: boolean }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [newName, setNewName] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const { id, name } = agent;
  const rename = (): void => {
    setNewName(null);
    const wanted = newName?.trim() ?? "";
    if (wanted !== "" && wanted !== name) void attempt(() => renameAgent(id, wanted));
  };
  return (
    <li class={id === agentId.value ? "mate current" : "mate"}>
      {newName === null ? (
        <button
          type="button"
          class="agent-name"
          aria-current={id === agentId.value ? "true" : undefined}
          dir="auto"
          onClick={() => {
            agentId.value = id;
            isSideBarOpen.value = false;
          }}
        >
          <span>{name}</span>
          {isBusy && <span class="busy" role="img" aria-label="is answering" />}
        </button>
      ) : (
        <input
          aria-label={`New name of ${name}`}
          value={newName}
          ref={(input) => input?.focus()}
          onInput={(event) => {
            setNewName(event.currentTarget.value);
          }}
          onBlur={rename}
          onKeyDown={(event) => {
            if (event.key === "Enter") rename();
            if (event.key === "Escape") setNewName(null);
          }}
        />
      )}
      <button
        type="button"
        class="icon-button agent-more"
        aria-expanded={isOpen}
        aria-label={`More for ${name}`}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        ⋯
      </button>
      {isOpen && (
        <div class="agent-actions" role="group" aria-label={name}>
          <IconButton
            icon="edit"
            label={`Rename ${name}`}
            onClick={() => {
              setOpen(false);
              setNewName(name);
            }}
          />
          <IconButton
            icon="copy"
            label={`Copy ${name}`}
            onClick={() => {
              setOpen(false);
              void attempt(() => copyAgent(id, `${name} copy`));
            }}
          />
          <IconButton
            icon="down"
            label={`Export ${name}`}
            onClick={() => {
              setOpen(false);
              void attempt(() => exportAgent(agent));
            }}
          />
          <IconButton
            icon="close"
            label={`Delete ${name}`}
            onClick={() => {
              setAsking(true);
            }}
          />
        </div>
      )}
      {isAsking && (
        <Question
          title={`Delete ${name}?`}
          text="The agent and all that it remembers go for good. Export it first if you may want it back."
          action="Delete"
          onYes={() => void attempt(() => deleteAgent(id))}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </li>
  );
}
