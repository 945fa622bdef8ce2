import { signal } from "@preact/signals";
import { panel } from "./view.ts";

/** A search. Days in any form that people write. */
export type Wanted = {
  readonly query: string;
  readonly in: "all" | "recall" | "archival";
  readonly role: "" | "user" | "assistant";
  /** The source whose passages are searched; empty for all, and for what the agent wrote. */
  readonly source: string;
  readonly from: string;
  readonly to: string;
  readonly page: number;
};

const FIRST: Wanted = { query: "", in: "all", role: "", source: "", from: "", to: "", page: 1 };

/** The search panel's search, which survives while another panel is shown. */
export const wanted = signal(FIRST);

/** Changes the search, and goes to its first page. */
export function want(changes: Partial<Wanted>): void {
  wanted.value = { ...wanted.value, page: 1, ...changes };
}

/** Opens the search panel with a query. */
export function searchFor(query: string, place: Wanted["in"] = "all"): void {
  wanted.value = { ...FIRST, query, in: place };
  panel.value = "search";
}
