import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Entry } from "../../wire/entries.ts";
import { GrowingText } from "../parts/growing-text.tsx";
import { IconButton } from "../parts/icon.tsx";
import { begin, isAnswering } from "../store/conversation.ts";
import { toForget } from "../store/forgetting.ts";
import { attempt } from "../store/view.ts";
import { Markdown } from "../parts/markdown.tsx";
import { TimeOf } from "../parts/time-of.tsx";

type Said = Extract<Entry, { kind: "person" }>;

/** A person's message, which can be edited and sent again. */
export function PersonEntry({ entry }: { readonly entry: Said }): JSX.Element {
  const [isRewriting, setRewriting] = useState(false);
  const { id, at, name } = entry;
  if (isRewriting) {
    return (
      <Rewriting
        entry={entry}
        onEnd={() => {
          setRewriting(false);
        }}
      />
    );
  }
  return (
    <>
      <div class="said">
        {name !== null && <b dir="auto">{name}</b>}
        <Markdown text={entry.text} />
      </div>
      <footer class="entry-foot">
        <TimeOf at={at} isUnderDay />
        {name === null && !isAnswering.value && (
          <IconButton
            icon="edit"
            label="Edit the message"
            onClick={() => {
              setRewriting(true);
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

type RewritingProps = { readonly entry: Said; readonly onEnd: () => void };

/** The editor of a message, with the keys of the message box. Escape cancels. */
function Rewriting({ entry: { id, text: said }, onEnd }: RewritingProps): JSX.Element {
  const [text, setText] = useState(said);
  const send = (): void => {
    if (text.trim() === "") return;
    onEnd();
    void attempt(() => begin({ kind: "edit", id, message: text }));
  };
  return (
    <form
      class="rewrite"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <GrowingText
        label="The message, written again"
        value={text}
        onWrite={setText}
        onEnter={send}
        onEscape={onEnd}
        isFocused
      />
      <p class="quiet">Everything after it is undone, memory included. One undo restores it.</p>
      <div class="buttons">
        <button type="button" onClick={onEnd}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={text.trim() === ""}>
          Send again
        </button>
      </div>
    </form>
  );
}
