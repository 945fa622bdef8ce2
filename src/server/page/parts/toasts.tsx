import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { dismiss, isSideBarOpen, panel, toasts } from "../store/view.ts";
import { isOver } from "../store/widths.ts";
import { IconButton } from "./icon.tsx";

type Place = "chat" | "panel" | "side";

/** The part of the page that is visible. */
const shownIn = computed((): Place => {
  if (isSideBarOpen.value && isOver.side.value) return "side";
  return panel.value !== null && isOver.panel.value ? "panel" : "chat";
});

/** Brief messages that need no answer. They have their own space and cover nothing. */
export function Toasts({ place }: { readonly place: Place }): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shownIn.value === place &&
        toasts.value.map(({ id, text, isFailure }) => (
          <p key={id} class={isFailure ? "toast failure" : "toast"}>
            <span dir="auto">{text}</span>
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
