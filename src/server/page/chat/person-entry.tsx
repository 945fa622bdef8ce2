import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Entry } from "../../wire/entries.ts";
import { IconButton } from "../parts/icon.tsx";
import { begin, isAnswering } from "../store/conversation.ts";
import { toForget } from "../store/forgetting.ts";
import { attempt } from "../store/view.ts";
import { Markdown } from "../parts/markdown.tsx";
import { TimeOf } from "../parts/time-of.tsx";

/** What a person wrote, and the way to write it otherwise. */
export function PersonEntry({ entry }: { readonly entry: Extract<Entry, { kind: "person" }> }): JSX.Element {
  const [text, setText] = useState<string | null>(null);
  const { id, at, name } = entry;
  if (text !== null) {
    return (
      <form
        class="rewrite"
        onSubmit={(event) => {
          event.preventDefault();
          setText(null);
          void attempt(() => begin({ kind: "edit", id, message: text }));
        }}
      >
        <textarea
          aria-label="The message, written again"
          value={text}
          dir="auto"
          ref={(area) => area?.focus()}
          onInput={(event) => {
            setText(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") setText(null);
          }}
        />
        <p class="quiet">What came after it is taken back, memory included. One undo brings it back.</p>
        <div class="buttons">
          <button
            type="button"
            onClick={() => {
              setText(null);
            }}
          >
            Cancel
          </button>
          <button type="submit" class="primary" disabled={text.trim() === ""}>
            Send again
          </button>
        </div>
      </form>
    );
  }
  return (
    <>
      <div class="said">
        {name !== null && <b dir="auto">{name}</b>}
        <Markdown text={entry.text} />
      </div>
      <footer class="entry-foot">
        <TimeOf at={at} />
        {name === null && !isAnswering.value && (
          <IconButton
            icon="edit"
            label="Edit the message"
            onClick={() => {
              setText(entry.text);
            }}
          />
        )}
        {!isAnswering.value && (
          <IconButton
            icon="bin"
            label="Forget the message for good"
            onClick={() => {
              toForget.value = { message: id };
            }}
          />
        )}
      </footer>
    </>
  );
}
