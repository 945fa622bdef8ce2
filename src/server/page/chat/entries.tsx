import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Entry } from "../../wire/entries.ts";
import { Icon } from "../parts/icon.tsx";
import { begun, live, readNewer, readNewest, readOlder, shown, target, transcript } from "../store/conversation.ts";
import { caller } from "../store/session.ts";
import { attempt, look, panel } from "../store/view.ts";
import { AgentEntry } from "./agent-entry.tsx";
import { PersonEntry } from "./person-entry.tsx";
import { dayOf } from "../parts/time-of.tsx";

/** Distance from an end at which more entries are read, in pixels. */
const NEAR = 600;
/** What the server calls the built-in model, which is not a language model. */
const PRACTICE = "memgpt/practice";
/** Distance that counts as being at the end, in pixels. */
const AT_END = 80;

/** The loaded part of the conversation. Scrolling near an end loads more there and drops entries at the other. */
export function Entries(): JSX.Element {
  const ref = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const isReading = useRef(false);
  const entries = shown.value;
  const part = transcript.value;

  const readMore = async (read: () => Promise<void>): Promise<void> => {
    if (isReading.current) return;
    isReading.current = true;
    await look(read);
    isReading.current = false;
  };
  const onScroll = (): void => {
    const area = ref.current;
    if (area === null) return;
    const below = area.scrollHeight - area.scrollTop - area.clientHeight;
    follows.current = below < AT_END && part?.newer === null;
    if (area.scrollTop < NEAR && part?.older != null) void readMore(readOlder);
    else if (below < NEAR && part?.newer != null) void readMore(readNewer);
  };
  // Remembers the scroll position before new entries are drawn.
  const drawn = useRef(entries);
  const anchor = drawn.current === entries || follows.current ? undefined : anchorIn(ref.current);
  useLayoutEffect(() => {
    drawn.current = entries;
    if (target.value === null) anchor?.hold();
    const area = ref.current;
    if (area !== null && follows.current && target.value === null) area.scrollTop = area.scrollHeight;
  }, [entries]);
  useEffect(() => {
    if (part === null) follows.current = true;
  }, [part]);
  useEffect(() => {
    const area = ref.current;
    if (area === null) return undefined;
    // Opening a panel rewraps lines.
    const observer = new ResizeObserver(() => {
      if (follows.current && target.value === null) area.scrollTop = area.scrollHeight;
    });
    observer.observe(area);
    return () => {
      observer.disconnect();
    };
  }, []);
  const turnsBegun = begun.value;
  useLayoutEffect(() => {
    if (turnsBegun === 0 || ref.current === null) return;
    target.value = null;
    follows.current = true;
    ref.current.scrollTop = ref.current.scrollHeight;
  }, [turnsBegun]);
  const targetId = target.value;
  useEffect(() => {
    if (targetId === null) return;
    const element = document.getElementById(`entry-${targetId}`);
    if (element === null) return;
    follows.current = false;
    element.scrollIntoView({ block: "center" });
    element.focus();
  }, [targetId, entries]);

  return (
    <>
      <div
        ref={ref}
        class="scroll"
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-busy={live.value !== undefined}
      >
        {part !== null && entries.length === 0 && <Welcome />}
        {entries.filter(isSeen).map((entry, index, seen) => (
          <Row
            key={entry.id}
            entry={entry}
            before={seen[index - 1]}
            contextFrom={part?.contextFrom ?? null}
            isLive={live.value?.entries.includes(entry) ?? false}
          />
        ))}
      </div>
      {part?.newer != null && (
        <button
          type="button"
          class="to-end"
          onClick={() => {
            target.value = null;
            follows.current = true;
            void attempt(readNewest);
          }}
        >
          <Icon name="down" /> Newest
        </button>
      )}
    </>
  );
}

type RowProps = {
  readonly entry: Entry;
  readonly before: Entry | undefined;
  readonly contextFrom: string | null;
  readonly isLive: boolean;
};

/** Events are for the model only, except summaries. */
function isSeen(entry: Entry): boolean {
  return entry.kind !== "event" || entry.event === "summary";
}

function Row({ entry, before, contextFrom, isLive }: RowProps): JSX.Element {
  const isNewDay = before === undefined || dayOf(before.at) !== dayOf(entry.at);
  return (
    <>
      {isNewDay && <p class="day">{dayOf(entry.at)}</p>}
      {entry.id === contextFrom && before !== undefined && (
        <p class="context-edge" title="The model no longer sees what is above, but it can search for it.">
          In context from here
        </p>
      )}
      <article
        id={`entry-${entry.id}`}
        tabIndex={-1}
        class={`entry ${entry.kind}${target.value === entry.id ? " target" : ""}`}
      >
        {entry.kind === "person" && <PersonEntry entry={entry} />}
        {entry.kind === "agent" && <AgentEntry entry={entry} isLive={isLive} />}
        {entry.kind === "event" && (
          <details class="fold">
            <summary>Summary of what left the context</summary>
            <p dir="auto">{entry.text}</p>
          </details>
        )}
      </article>
    </>
  );
}

function Welcome(): JSX.Element {
  return (
    <div class="empty">
      <h2>Say something worth remembering</h2>
      <p>
        Tell it your name, or what you are working on. When it remembers, a line in the conversation says what it wrote,
        and lets you take it back.
      </p>
      {caller.value?.model === PRACTICE && (
        <p>
          New agents use the built-in practice model, which follows rules. For real conversation,{" "}
          <button
            type="button"
            class="plain"
            onClick={() => {
              panel.value = "settings";
            }}
          >
            choose a language model.
          </button>
        </p>
      )}
    </div>
  );
}

/** Keeps the first visible entry in place while entries above it change. */
function anchorIn(area: HTMLElement | null): { hold(): void } | undefined {
  if (area === null) return undefined;
  const top = area.getBoundingClientRect().top;
  const first = [...area.querySelectorAll<HTMLElement>("article")].find(
    (it) => it.getBoundingClientRect().bottom > top,
  );
  if (first === undefined) return undefined;
  const { id } = first;
  const before = first.getBoundingClientRect().top;
  return {
    hold: () => {
      const now = document.getElementById(id)?.getBoundingClientRect().top;
      if (now !== undefined) area.scrollTop += now - before;
    },
  };
}
