import { signal } from "@preact/signals";
import { type Answer, call, pathFor, send } from "../client/call.ts";
import { agentId } from "./view.ts";

export type RosterEntry = Answer<"get /v1/roster">[number];

/** The agents, last used first; null until known. */
export const roster = signal<readonly RosterEntry[] | null>(null);

/** What a person is about to do to an agent in the list. */
export const asked = signal<{ readonly kind: "rename" | "delete"; readonly id: string } | null>(null);

/** Reads the list again, and shows another agent if the shown one no longer exists. */
export async function readRoster(): Promise<void> {
  const agents = await call("get /v1/roster", {});
  roster.value = agents;
  if (!agents.some(({ id }) => id === agentId.value)) agentId.value = agents[0]?.id ?? "";
}

export async function makeAgent(name: string): Promise<void> {
  const response = await send("/v1/agents", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  const { id } = (await response.json()) as { readonly id: string };
  await readRoster();
  agentId.value = id;
}

export async function renameAgent(id: string, name: string): Promise<void> {
  await send(`/v1/agents/${id}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name }),
  });
  await readRoster();
}

export async function copyAgent(id: string, name: string, at?: string): Promise<void> {
  const body = at === undefined ? { name } : { name, at };
  const copy = await call("post /v1/agents/{agent_id}/copy", { params: { agent_id: id }, body });
  await readRoster();
  agentId.value = copy.id;
}

export async function deleteAgent(id: string): Promise<void> {
  await send(`/v1/agents/${id}`, { method: "DELETE" });
  await readRoster();
}

type Format = "json" | "af" | "markdown";

/** The formats in which an agent can be exported. */
export const FILE_FORMATS: readonly { readonly format: Format; readonly name: string; readonly purpose: string }[] = [
  { format: "json", name: "Everything, as JSON", purpose: "Imports again here, to the last thought and passage." },
  {
    format: "af",
    name: "Agent file (.af)",
    purpose: "Imports again here, and in other programs that read such files.",
  },
  { format: "markdown", name: "To read, as Markdown", purpose: "Core memory, what was said, and the passages." },
];

const ENDINGS: Readonly<Record<Format, string>> = { json: "json", af: "af", markdown: "md" };

/** Downloads an agent as a file. */
export async function exportAgent({ id, name }: RosterEntry, format: Format = "json"): Promise<void> {
  const response = await send(
    pathFor("get /v1/agents/{agent_id}/text", { params: { agent_id: id }, query: { format } }),
    {},
  );
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = `${name.replace(/[^\p{L}\p{N} ._-]+/gu, "-")}.${ENDINGS[format]}`;
  link.click();
  URL.revokeObjectURL(url);
}
