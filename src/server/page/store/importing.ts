import { type Answer, call } from "../client/call.ts";
import { base64Of } from "./base64.ts";
import { readRoster } from "./roster.ts";
import { counted } from "../text/counted.ts";
import { agentId, tell } from "./view.ts";

export type FoundImport = Answer<"post /v1/import/preview">;

/** A preview of what a file contains. Changes nothing. */
export async function lookAtImport(file: File): Promise<FoundImport> {
  return call("post /v1/import/preview", { body: { name: file.name, content: await base64Of(file) } });
}

/** Imports one memory of a file into a new agent, or into the given one. */
export async function importMemory(
  file: File,
  memory: number,
  target: { readonly into: string } | { readonly agent: string },
): Promise<void> {
  const content = await base64Of(file);
  const done = await call("post /v1/import", { body: { name: file.name, content, memory, ...target } });
  await readRoster();
  agentId.value = done.id;
  const known = done.known === 0 ? "" : ` It had ${counted(done.known, "text")} already.`;
  const came = `${counted(done.messages, "message")} and ${counted(done.passages, "passage")}`;
  tell([`Imported: ${came}.${known}`, ...done.notes].join(" "));
}
