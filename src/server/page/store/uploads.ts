import { signal } from "@preact/signals";
import { call } from "../client/call.ts";
import { base64Of } from "./base64.ts";
import { revision } from "./revision.ts";
import { counted } from "../text/counted.ts";
import { agentId, panel, tell } from "./view.ts";

/** Size limit of files: the server takes 64 MB, and base64 is a third longer. */
export const LARGEST_MB = 45;

/** The source of files that are dropped or pasted. */
export const UPLOADS = "uploads";

/** A file being loaded into a source. */
export type Upload = {
  readonly file: File;
  readonly source: string;
  readonly state: "waiting" | "reading" | "done" | "failed";
  readonly detail: string;
};

export const uploads = signal<readonly Upload[]>([]);

/** Loads files into a source, one after another, and attaches it to the agent. */
export async function upload(files: readonly File[], source: string): Promise<void> {
  const id = agentId.value;
  panel.value = "sources";
  uploads.value = files.map((file) => ({ file, source, state: "waiting", detail: "" }));
  for (const index of files.keys()) await load(id, index);
  revision.value += 1;
  if (uploads.value.every(({ state }) => state === "done")) tell("Loaded. The agent can search it now.");
}

/** Tries a failed upload again. */
export async function uploadAgain(index: number): Promise<void> {
  await load(agentId.value, index);
  revision.value += 1;
}

async function load(id: string, index: number): Promise<void> {
  const set = (change: Partial<Upload>): void => {
    uploads.value = uploads.value.map((it, at) => (at === index ? { ...it, ...change } : it));
  };
  const { file, source } = uploads.value[index] ?? {};
  if (file === undefined || source === undefined) return;
  if (file.size > LARGEST_MB * 1e6) {
    const size = (file.size / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 });
    set({
      state: "failed",
      detail: `It has ${size} MB; the limit is ${LARGEST_MB} MB. memgpt load takes larger files.`,
    });
    return;
  }
  set({ state: "reading", detail: "" });
  try {
    const { passages, problems } = await call("post /v1/agents/{agent_id}/documents", {
      params: { agent_id: id },
      body: { source, name: file.name, content: await base64Of(file) },
    });
    const isRead = passages > 0 || problems.length === 0;
    set({ state: isRead ? "done" : "failed", detail: [counted(passages, "passage"), ...problems].join(". ") });
  } catch (error) {
    set({ state: "failed", detail: error instanceof Error ? error.message : String(error) });
  }
}
