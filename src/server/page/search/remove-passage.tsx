import type { JSX } from "preact";
import { AskingButton } from "../parts/dialog.tsx";
import { removePassage } from "../store/memory.ts";
import { attempt } from "../store/view.ts";

/** Takes a passage out of archival memory, after it was shown. */
export function RemovePassage({ id, text }: { readonly id: string; readonly text: string }): JSX.Element {
  return (
    <AskingButton
      label="Delete"
      title="Delete this passage?"
      text="The agent no longer finds it. One undo brings it back."
      action="Delete"
      onYes={() => void attempt(() => removePassage(id))}
    >
      <pre class="seen" dir="auto">
        {text}
      </pre>
    </AskingButton>
  );
}
