import { signal } from "@preact/signals";
import { panel } from "./view.ts";

/** What is looked for, and where. Days in any form that people write. */
export type Wanted = {
  readonly query: string;
  readonly in: "recall" | "archival";
  readonly role: "" | "user" | "assistant";
  readonly from: string;
  readonly to: string;
  readonly page: number;
};

const FIRST: Wanted = { query: "", in: "recall", role: "", from: "", to: "", page: 1 };

/** What the search panel looks for; it stays while another panel is shown. */
export const wanted = signal(FIRST);

/** Looks for something else, from the first page of it. */
export function want(changes: Partial<Wanted>): void {
  wanted.value = { ...wanted.value, page: 1, ...changes };
}

/** Opens the search panel with a query. */
export function searchFor(query: string, place: Wanted["in"]): void {
  wanted.value = { ...FIRST, query, in: place };
  panel.value = "search";
}
