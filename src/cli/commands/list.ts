import { type AgentOverview, type ResourceKind, shownTime } from "../../index.ts";
import { jsonText } from "../terminal/json-text.ts";
import { counted } from "../terminal/one-line.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";

const PREVIEW_CHARACTERS = 70;

/** `memgpt list agents`, last used first, unreadable ones included. */
export async function listAgents({ json = false }: { json?: boolean }): Promise<void> {
  const memgpt = await openHome();
  const rows = [];
  for (const { name, lastUsedAt } of await memgpt.listAgents()) {
    const agent: AgentOverview | undefined = await memgpt.overview(name).catch(() => undefined);
    rows.push({
      name,
      model: agent?.model ?? null,
      created_at: agent?.createdAt ?? null,
      last_used_at: lastUsedAt === "" ? null : lastUsedAt,
      recall: agent?.recall ?? null,
      archival: agent?.archival ?? null,
    });
  }
  if (json) {
    process.stdout.write(`${jsonText(rows, 2)}\n`);
    return;
  }
  if (rows.length === 0) process.stdout.write("No agents yet; `memgpt run` creates one.\n");
  for (const { name, model, last_used_at: used, recall, archival } of rows) {
    const facts =
      model === null
        ? "cannot be read"
        : `${model}, ${counted(recall ?? 0, "message")}, ${counted(archival ?? 0, "passage")}`;
    const when = used === null ? "" : `, last used ${shownTime(used)}`;
    print(`${name}: ${facts}${when}`);
  }
}

/** `memgpt list personas`, `humans`, `presets`. */
export async function listResources(kind: ResourceKind, { json = false }: { json?: boolean }): Promise<void> {
  const memgpt = await openHome();
  const resources = memgpt.resources.list(kind);
  if (json) {
    process.stdout.write(`${jsonText(resources, 2)}\n`);
    return;
  }
  for (const { name, text, origin, description } of resources) {
    const line = (description ?? text).replace(/\s+/g, " ").trim();
    const preview = line.length <= PREVIEW_CHARACTERS ? line : `${line.slice(0, PREVIEW_CHARACTERS)}...`;
    print(`${name}${origin === "user" ? " (yours)" : ""}: ${preview}`);
  }
}
