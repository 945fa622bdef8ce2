import { signal } from "@preact/signals";

/** Grows whenever the shown agent has changed, so that views reload. */
export const revision = signal(0);
