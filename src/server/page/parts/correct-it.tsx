import type { JSX } from "preact";
import { editBlock } from "../store/memory.ts";

/** Opens the editor of a block at a line of it. */
export function CorrectIt({ label, line }: { readonly label: string; readonly line: string }): JSX.Element {
  return (
    <button
      type="button"
      class="plain"
      onClick={() => {
        editBlock(label, line);
      }}
    >
      Correct it
    </button>
  );
}
