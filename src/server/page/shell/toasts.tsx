import type { JSX } from "preact";
import { dismiss, toasts } from "../store/view.ts";
import { IconButton } from "../parts/icon.tsx";

/** What a person should know and need not answer. */
export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, isFailure }) => (
        <p key={id} class={isFailure ? "toast failure" : "toast"} dir="auto">
          {text}
          <IconButton
            icon="close"
            label="Dismiss"
            onClick={() => {
              dismiss(id);
            }}
          />
        </p>
      ))}
    </div>
  );
}
