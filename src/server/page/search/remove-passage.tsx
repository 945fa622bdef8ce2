import type { JSX } from "preact";
import { AskingButton } from "../parts/dialog.tsx";
import { removePassage } from "../store/memory.ts";
import { attempt } from "../store/view.ts";

/** Removes a passage from archival memory, after showing it. */
export function RemovePassage({ id, text }: { readonly id: string; readonly text: string }): JSX.Element {
  return (
    <AskingButton
      label="Delete"
      title="Delete this passage?"
      text="The agent no longer finds it. One undo brings it back."
      action="Delete"
      onYes={() => void attempt(() => removePassage(id))}
    >
      <pre class="seen" dir="auto" tabIndex={0}>
        {text}
      </pre>
    </AskingButton>
  );
}
