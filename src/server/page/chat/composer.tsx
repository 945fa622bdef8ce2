import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { draft, handOver, isAnswering, send, stop, write } from "../store/conversation.ts";
import { isCommand, runCommand } from "../store/slash.ts";
import { attempt } from "../store/view.ts";

/** Where a message is written, or a command as in the terminal. Enter sends it, Shift-Enter begins a line. */
export function Composer({ name }: { readonly name: string }): JSX.Element {
  const ref = useRef<HTMLTextAreaElement>(null);
  const text = draft.value;
  useLayoutEffect(() => {
    const area = ref.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);
  const submit = (): void => {
    if (text.trim() !== "") void attempt(() => handOver(isCommand(text) ? runCommand : send));
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {isCommand(text) && (
        <p class="quiet hint" role="status">
          A command: Enter runs it, and Ctrl-K lists more. To say it instead, begin with a space.
        </p>
      )}
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
          submit();
        }}
      />
      {isAnswering.value && text.trim() === "" ? (
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
