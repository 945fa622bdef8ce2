import type { JSX } from "preact";
import { Icon, IconButton } from "../parts/icon.tsx";
import { Toasts } from "../parts/toasts.tsx";
import { begin, failures, lastReplyId, live, shown, stop, transcript } from "../store/conversation.ts";
import { roster } from "../store/roster.ts";
import { connection } from "../store/session.ts";
import { redo, undo } from "../store/time.ts";
import { type Panel, agentId, attempt, isSideBarOpen, panel } from "../store/view.ts";
import { openNewAgent } from "../agents/new-agent.tsx";
import { Composer } from "./composer.tsx";
import { Entries } from "./entries.tsx";

/** The conversation with one agent. */
export function Chat(): JSX.Element {
  const agent = roster.value?.find(({ id }) => id === agentId.value);
  return (
    <main class="chat" aria-label="Conversation">
      <header class="chat-head">
        <span class="only-narrow">
          <IconButton
            icon="menu"
            label="Agents"
            onClick={() => {
              isSideBarOpen.value = true;
            }}
          />
        </span>
        <h1>
          <bdi>{agent?.name ?? "memgpt"}</bdi>
        </h1>
        {agent !== undefined && (
          <>
            <IconButton
              icon="undo"
              label="Undo the last turn or command, memory included"
              onClick={() => void attempt(undo)}
            />
            <IconButton icon="redo" label="Redo" onClick={() => void attempt(redo)} />
            <PanelButton name="memory" icon="memory" label="Memory" />
            <PanelButton name="time" icon="time" label="Time" />
          </>
        )}
      </header>
      {connection.value === "lost" && (
        <p class="banner" role="status">
          The server does not answer. What you write is kept here; the page connects again by itself.
        </p>
      )}
      {agent === undefined ? <Nobody /> : <Entries />}
      <Toasts place="chat" />
      {agent !== undefined && <TurnState />}
      {agent !== undefined && <Composer key={agent.id} name={agent.name} />}
    </main>
  );
}

type PanelButtonProps = { readonly name: Panel; readonly icon: "memory" | "time"; readonly label: string };

/** Opens a panel, and closes it again. */
function PanelButton({ name, icon, label }: PanelButtonProps): JSX.Element {
  const isOpen = panel.value === name;
  return (
    <button
      type="button"
      class="panel-button"
      aria-pressed={isOpen}
      onClick={() => {
        panel.value = isOpen ? null : name;
      }}
    >
      <Icon name={icon} /> <span>{label}</span>
    </button>
  );
}

function Nobody(): JSX.Element {
  if (roster.value === null) return <div class="scroll" />;
  return (
    <div class="scroll empty">
      <h2>Nobody is here yet</h2>
      <p>
        Make an agent, and talk to it. It remembers what you tell it, shows you what it remembers, and lets you take it
        back.
      </p>
      <div class="buttons start">
        <button type="button" class="primary" onClick={openNewAgent}>
          Make an agent
        </button>
        <button
          type="button"
          onClick={() => {
            panel.value = "settings";
          }}
        >
          Import one
        </button>
      </div>
    </div>
  );
}

/** What the turn is doing, or why it stopped and how to continue. */
function TurnState(): JSX.Element | null {
  const failure = failures.value.get(agentId.value);
  if (live.value !== undefined) {
    return (
      <div class="turn-state" role="status">
        <span class="busy" aria-hidden="true" /> <span>{lastNotice() ?? "Thinking"}</span>
        <button type="button" onClick={() => void attempt(stop)}>
          <Icon name="stop" /> Stop
        </button>
      </div>
    );
  }
  if (failure === undefined) return <BrokenOff />;
  return (
    <div class="turn-state failure" role="alert">
      <span dir="auto">{failure}</span>
      <button type="button" onClick={() => void attempt(() => begin({ kind: "continue" }))}>
        Continue
      </button>
    </div>
  );
}

function lastNotice(): string | undefined {
  return live.value?.notices.at(-1);
}

/** Offers to continue a turn that stopped before it answered the person's last message. */
function BrokenOff(): JSX.Element | null {
  const last = shown.value.at(-1);
  if (last === undefined || transcript.value?.newer !== null || lastReplyId.value !== undefined) return null;
  // A call that waits for consent has its own buttons.
  const isOpen =
    last.kind === "agent" ? last.calls.every(({ status }) => status !== "waiting") : last.kind === "person";
  if (!isOpen) return null;
  return (
    <div class="turn-state">
      <span>It broke off here.</span>
      <button type="button" onClick={() => void attempt(() => begin({ kind: "continue" }))}>
        Continue
      </button>
    </div>
  );
}
