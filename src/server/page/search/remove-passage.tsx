import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Question } from "../parts/dialog.tsx";
import { removePassage } from "../store/memory.ts";
import { attempt } from "../store/view.ts";

/** Takes a passage out of archival memory, after it was shown. */
export function RemovePassage({ id, text }: { readonly id: string; readonly text: string }): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        onClick={() => {
          setAsking(true);
        }}
      >
        Delete
      </button>
      {isAsking && (
        <Question
          title="Delete this passage?"
          text="The agent no longer finds it. One undo brings it back."
          action="Delete"
          onYes={() => void attempt(() => removePassage(id))}
          onClose={() => {
            setAsking(false);
          }}
        >
          <pre class="seen" dir="auto">
            {text}
          </pre>
        </Question>
      )}
    </>
  );
}
