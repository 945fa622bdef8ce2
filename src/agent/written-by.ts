import { originOf } from "../schema/origin.ts";

/** `by` names another program that writes, such as a client of a server. Undo shows the change under its name. */
export type WriteOptions = { readonly signal?: AbortSignal | undefined; readonly by?: string | undefined };

/** The name of a change, with the name of the program that made it. */
export function writtenBy(by: string | undefined, label: string): string {
  return by === undefined ? label : `${label} by ${by}`;
}

/** The origin of a change by `by`; undefined without it. */
export function originBy(by: string | undefined): string | undefined {
  return by === undefined ? undefined : originOf("client", by);
}
