import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Edit } from "../../wire/entries.ts";
import { History } from "../memory/history.tsx";
import { Icon } from "../parts/icon.tsx";
import { takeBack } from "../store/take-back.ts";
import { attempt } from "../store/view.ts";
import { ChangedLines } from "../parts/diff.tsx";
import { TimeOf } from "../parts/time-of.tsx";

type MemoryRowProps = {
  readonly edit: Edit;
  readonly at: string;
  readonly thought: string | null;
  /** Whether its step is still running, so that nothing is stored yet. */
  readonly isLive: boolean;
};

/** Something that the agent remembered or corrected, as a line of the conversation. */
export function MemoryRow({ edit, at, thought, isLive }: MemoryRowProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { target, ref, before, after } = edit;
  const where = target === "core" ? `in ${ref}` : "in archival memory";
  return (
    <div class="memory-row" role="group" aria-label={`Remembered ${where}`}>
      <p>
        <Icon name="memory" />
        <span class="row-name">{before !== null && before !== "" && after === "" ? "Forgot" : "Remembered"}</span>{" "}
        <span class="where" dir="auto">
          {where}
        </span>
      </p>
      <p class="change">
        {target === "core" ? <ChangedLines before={before ?? ""} after={after} /> : <ins dir="auto">{after}</ins>}
      </p>
      {!isLive && (
        <footer>
          <TimeOf at={at} />
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => {
              setOpen(!isOpen);
            }}
          >
            Why and history
          </button>
          <button type="button" onClick={() => void attempt(() => takeBack(edit))}>
            Undo
          </button>
        </footer>
      )}
      {isOpen && (
        <div class="row-more">
          {thought !== null && (
            <p>
              It thought: <q dir="auto">{thought}</q>
            </p>
          )}
          {target === "core" && <History label={ref} />}
        </div>
      )}
    </div>
  );
}
