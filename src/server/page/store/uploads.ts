import { signal } from "@preact/signals";
import { call } from "../client/call.ts";
import { base64Of } from "./base64.ts";
import { revision } from "./revision.ts";
import { counted } from "../text/counted.ts";
import { agentId, panel, tell } from "./view.ts";

/** A file on its way into a source. */
export type Upload = {
  readonly name: string;
  readonly state: "waiting" | "reading" | "done" | "failed";
  readonly detail: string;
};

export const uploads = signal<readonly Upload[]>([]);

/** Loads files one after another into the source named, and lets the agent search it. */
export async function upload(files: readonly File[], source: string): Promise<void> {
  const id = agentId.value;
  panel.value = "sources";
  uploads.value = files.map(({ name }) => ({ name, state: "waiting", detail: "" }));
  const set = (index: number, change: Partial<Upload>): void => {
    uploads.value = uploads.value.map((it, at) => (at === index ? { ...it, ...change } : it));
  };
  for (const [index, file] of files.entries()) {
    set(index, { state: "reading" });
    try {
      const { passages, problems } = await call("post /v1/agents/{agent_id}/documents", {
        params: { agent_id: id },
        body: { source, name: file.name, content: await base64Of(file) },
      });
      const isRead = passages > 0 || problems.length === 0;
      set(index, { state: isRead ? "done" : "failed", detail: [counted(passages, "passage"), ...problems].join(". ") });
    } catch (error) {
      set(index, { state: "failed", detail: error instanceof Error ? error.message : String(error) });
    }
  }
  revision.value += 1;
  if (uploads.value.every(({ state }) => state === "done")) tell("Loaded. The agent can search it now.");
}
