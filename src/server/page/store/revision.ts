import { signal } from "@preact/signals";

/** Grows whenever the agent that is shown has changed: views that read more than the chat read it again. */
export const revision = signal(0);
