import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Question } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { type RosterEntry, asked, copyAgent, deleteAgent, exportAgent, renameAgent } from "../store/roster.ts";
import { agentId, attempt, isSideBarOpen } from "../store/view.ts";

/** One agent in the list. */
export function AgentRow({ agent, isBusy }: { readonly agent: RosterEntry; readonly isBusy: boolean }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { id, name } = agent;
  const ask = (what: "rename" | "delete") => (): void => {
    asked.value = { kind: what, id };
  };
  const endAsking = (): void => {
    asked.value = null;
  };
  const kind = asked.value?.id === id ? asked.value.kind : null;
  const actions = [
    ["edit", "Rename", ask("rename")],
    ["copy", "Copy", () => void attempt(() => copyAgent(id, `${name} copy`))],
    ["down", "Export", () => void attempt(() => exportAgent(agent))],
    ["bin", "Delete", ask("delete")],
  ] as const;
  return (
    <li class={id === agentId.value ? "mate current" : "mate"}>
      {kind !== "rename" ? (
        <button
          type="button"
          class="agent-name"
          aria-current={id === agentId.value ? "true" : undefined}
          onClick={() => {
            agentId.value = id;
            isSideBarOpen.value = false;
          }}
        >
          <span dir="auto">{name}</span>
          {isBusy && <span class="busy" role="img" aria-label="is answering" />}
        </button>
      ) : (
        <NewName
          name={name}
          onEnd={(newName) => {
            endAsking();
            if (newName !== "" && newName !== name) void attempt(() => renameAgent(id, newName));
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
          {actions.map(([icon, label, run]) => (
            <button
              key={label}
              type="button"
              aria-label={`${label} ${name}`}
              onClick={() => {
                // Cancelling the question restores the focus to its button.
                setOpen(label === "Delete");
                run();
              }}
            >
              <Icon name={icon} /> {label}
            </button>
          ))}
        </div>
      )}
      {kind === "delete" && (
        <Question
          title={`Delete ${name}?`}
          text="This deletes the agent and everything it remembers, for good. Export it first if you may want it back."
          action="Delete"
          onYes={() => void attempt(() => deleteAgent(id))}
          onClose={endAsking}
        >
          <div class="buttons start">
            <button type="button" onClick={() => void attempt(() => exportAgent(agent))}>
              <Icon name="down" /> Export it
            </button>
          </div>
        </Question>
      )}
    </li>
  );
}

type NewNameProps = {
  readonly name: string;
  /** Called once, with the text; empty if cancelled. */
  readonly onEnd: (text: string) => void;
};

/** Edits a name. Enter and leaving the field accept the text; Escape cancels. */
function NewName({ name, onEnd }: NewNameProps): JSX.Element {
  const [text, setText] = useState(name);
  // A field that is removed loses the focus once more.
  const isOver = useRef(false);
  const end = (result: string): void => {
    if (isOver.current) return;
    isOver.current = true;
    onEnd(result.trim());
  };
  const ref = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    ref.current?.focus();
    ref.current?.select();
  }, []);
  return (
    <input
      ref={ref}
      aria-label={`New name of ${name}`}
      dir="auto"
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
