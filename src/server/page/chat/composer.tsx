import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { draft, live, sendDraft, stop, write } from "../store/conversation.ts";
import { attempt } from "../store/view.ts";

/** Where a message is written. Enter sends it, Shift-Enter begins a line. */
export function Composer({ name }: { readonly name: string }): JSX.Element {
  const ref = useRef<HTMLTextAreaElement>(null);
  const text = draft.value;
  useLayoutEffect(() => {
    const area = ref.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);
  const send = (): void => {
    if (text.trim() !== "") void attempt(sendDraft);
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        id="composer"
        ref={ref}
        rows={1}
        dir="auto"
        aria-label={`Message to ${name}`}
        placeholder={`Message ${name}`}
        value={text}
        onInput={(event) => {
          write(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      {live.value !== undefined && text.trim() === "" ? (
        <button type="button" class="send" aria-label="Stop" title="Stop (Esc)" onClick={() => void attempt(stop)}>
          <Icon name="stop" />
        </button>
      ) : (
        <button type="submit" class="send" aria-label="Send" title="Send (Enter)" disabled={text.trim() === ""}>
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}
