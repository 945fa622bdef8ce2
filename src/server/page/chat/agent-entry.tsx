import type { JSX } from "preact";
import type { Entry } from "../../wire/entries.ts";
import { IconButton } from "../parts/icon.tsx";
import { begin, isAnswering, isWhyOpen, lastReplyId } from "../store/conversation.ts";
import { attempt, tell } from "../store/view.ts";
import { CallRow } from "./call-row.tsx";
import { Markdown } from "../parts/markdown.tsx";
import { MemoryRow } from "./memory-row.tsx";
import { SearchRow } from "./search-row.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { Why } from "./why.tsx";

type AgentEntryProps = { readonly entry: Extract<Entry, { kind: "agent" }>; readonly isLive: boolean };

/** One step of an agent: its thought, calls and message. */
export function AgentEntry({ entry, isLive }: AgentEntryProps): JSX.Element {
  const isLast = lastReplyId.value === entry.id && !isAnswering.value;
  const { at, name, thought, text, calls, edits } = entry;
  // A successful memory write is shown as its edit, not as a call.
  const others = calls.filter(({ kind, status }) => !(kind === "memory_write" && status === "OK" && edits.length > 0));
  return (
    <>
      {name !== null && <b dir="auto">{name}</b>}
      {thought !== null && (
        <details class="fold thought">
          <summary>
            Thought: <span dir="auto">{firstLine(thought)}</span>
          </summary>
          <p dir="auto">{thought}</p>
        </details>
      )}
      {others.map((call) =>
        call.kind === "search" ? (
          <SearchRow key={call.id} call={call} />
        ) : (
          <CallRow key={call.id} call={call} isLive={isLive} />
        ),
      )}
      {edits.map((edit, index) => (
        <MemoryRow key={`${edit.op}-${index}`} edit={edit} entry={entry.id} at={at} thought={thought} isLive={isLive} />
      ))}
      {text !== null && <Markdown text={text} />}
      {text !== null && !isLive && (
        <footer class="entry-foot">
          <TimeOf at={at} isUnderDay />
          <IconButton
            icon="copy"
            label="Copy the reply"
            onClick={() =>
              void attempt(async () => {
                await navigator.clipboard.writeText(text);
                tell("Copied.");
              })
            }
          />
          {isLast && (
            <>
              <IconButton
                icon="retry"
                label="Answer again"
                onClick={() => void attempt(() => begin({ kind: "retry" }))}
              />
              <button
                type="button"
                class="plain"
                aria-expanded={isWhyOpen.value}
                onClick={() => {
                  isWhyOpen.value = !isWhyOpen.value;
                }}
              >
                Why this reply?
              </button>
            </>
          )}
        </footer>
      )}
      {isLast && isWhyOpen.value && <Why />}
    </>
  );
}

const LONGEST_LINE = 100;

function firstLine(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
