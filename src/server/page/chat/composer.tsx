import type { JSX } from "preact";
import { GrowingText } from "../parts/growing-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { draft, handOver, isAnswering, send, stop, write } from "../store/conversation.ts";
import { isCommand, runCommand } from "../store/slash.ts";
import { UPLOADS, upload } from "../store/uploads.ts";
import { attempt, tell } from "../store/view.ts";

/** Most characters that can be pasted. A browser takes minutes to lay out a box with more, and no model reads them at once. */
const LONGEST_PASTE = 1_000_000;

/** Makes a document of a pasted text that is too long for a message. */
function takePaste(text: string): boolean {
  if (text.length <= LONGEST_PASTE) return false;
  const size = (text.length / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 });
  const file = new File([text], "pasted.txt", { type: "text/plain" });
  void attempt(async () => {
    tell(
      `${size} million characters are too many for a message. They are loaded as a document for the agent to search.`,
    );
    await upload([file], UPLOADS);
  });
  return true;
}

/** The box for a message, or a command as in the terminal. Enter sends it, Shift-Enter begins a new line. */
export function Composer({ name }: { readonly name: string }): JSX.Element {
  const text = draft.value;
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
      <GrowingText
        id="composer"
        label={`Message to ${name}`}
        placeholder={`Message ${name}`}
        value={text}
        onWrite={write}
        onEnter={submit}
        onPaste={takePaste}
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
