import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Edit } from "../../wire/entries.ts";
import { History } from "../memory/history.tsx";
import { Diff } from "../parts/diff.tsx";
import { Icon } from "../parts/icon.tsx";
import { TimeOf } from "../parts/time-of.tsx";
import { showCause } from "../store/conversation.ts";
import { editBlock } from "../store/memory.ts";
import { putBack, standingNow, takeBack } from "../store/take-back.ts";
import { attempt } from "../store/view.ts";
import { changedLines } from "../text/line-diff.ts";

type MemoryRowProps = {
  readonly edit: Edit;
  /** The entry that made it. */
  readonly entry: string;
  readonly at: string;
  readonly thought: string | null;
  /** Whether its step is still running, so that nothing is stored yet. */
  readonly isLive: boolean;
};

/** A change of memory, as a line of the conversation. */
export function MemoryRow({ edit, entry, at, thought, isLive }: MemoryRowProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { target, ref, before, after } = edit;
  const where = target === "core" ? `in ${ref}` : "in archival memory";
  const isGone = !isLive && standingNow(edit) === "gone";
  return (
    <div class={isGone ? "memory-row gone" : "memory-row"} role="group" aria-label={`Remembered ${where}`}>
      <p>
        <Icon name="memory" />
        <span class="row-name">{before !== null && before !== "" && after === "" ? "Forgot" : "Remembered"}</span>{" "}
        <span class="where" dir="auto">
          {where}
        </span>
        {isGone && <span class="tag">undone</span>}
      </p>
      <div class="change">
        {target === "core" ? <Diff before={before ?? ""} after={after} /> : <ins dir="auto">{after}</ins>}
      </div>
      {!isLive && (
        <footer>
          <TimeOf at={at} isUnderDay />
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => {
              setOpen(!isOpen);
            }}
          >
            Why and history
          </button>
          <button type="button" onClick={() => void attempt(() => showCause(entry))}>
            What led to it
          </button>
          {target === "core" && (
            <button
              type="button"
              onClick={() => {
                editBlock(ref, lastLine(edit));
              }}
            >
              Correct it
            </button>
          )}
          <BackAndForth edit={edit} />
        </footer>
      )}
      {isOpen && (
        <div class="row-more">
          {thought !== null && (
            <p>
              It thought: <q dir="auto">{thought}</q>
            </p>
          )}
          {target === "core" && <History label={ref} fact={edit} />}
        </div>
      )}
    </div>
  );
}

/** Undoes or redoes the edit; neither is possible once later edits overlap it. */
function BackAndForth({ edit }: { readonly edit: Edit }): JSX.Element | null {
  const standing = standingNow(edit);
  // Only the undo of its removal restores a passage.
  if (standing === "gone" && edit.target === "archival") return null;
  if (standing === "changed") return <span>Changed again since</span>;
  const isGone = standing === "gone";
  return (
    <button type="button" onClick={() => void attempt(() => (isGone ? putBack(edit) : takeBack(edit)))}>
      {isGone ? "Redo" : "Undo"}
    </button>
  );
}

/** The last line that an edit wrote. */
function lastLine({ before, after }: Edit): string {
  return changedLines(before ?? "", after).findLast((line) => line.after !== null)?.after ?? "";
}
