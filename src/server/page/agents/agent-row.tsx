import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Question } from "../parts/dialog.tsx";
import { IconButton } from "../parts/icon.tsx";
import { type RosterEntry, copyAgent, deleteAgent, exportAgent, renameAgent } from "../store/roster.ts";
import { agentId, attempt, isSideBarOpen } from "../store/view.ts";

/** One agent in the list. */
export function AgentRow({ agent, isBusy }: { readonly agent: RosterEntry; readonly isBusy: boolean }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [isRenaming, setRenaming] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const { id, name } = agent;
  return (
    <li class={id === agentId.value ? "mate current" : "mate"}>
      {!isRenaming ? (
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
        <NewName
          name={name}
          onEnd={(wanted) => {
            setRenaming(false);
            if (wanted !== "" && wanted !== name) void attempt(() => renameAgent(id, wanted));
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
              setRenaming(true);
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
            icon="bin"
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

type NewNameProps = {
  readonly name: string;
  /** Called once, with what was written; empty for nothing. */
  readonly onEnd: (wanted: string) => void;
};

/** Where a name is written again. Enter, and leaving it, keep what was written; Escape does not. */
function NewName({ name, onEnd }: NewNameProps): JSX.Element {
  const [text, setText] = useState(name);
  // A field that goes away loses the focus once more.
  const isOver = useRef(false);
  const end = (wanted: string): void => {
    if (isOver.current) return;
    isOver.current = true;
    onEnd(wanted.trim());
  };
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => {
    ref.current?.focus();
    ref.current?.select();
  }, []);
  return (
    <input
      ref={ref}
      aria-label={`New name of ${name}`}
      value={text}
      onInput={(event) => {
        setText(event.currentTarget.value);
      }}
      onBlur={() => {
        end(text);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") end(text);
        if (event.key === "Escape") end("");
      }}
    />
  );
}
