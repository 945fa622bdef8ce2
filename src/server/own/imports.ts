import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FoundImport, MemGPTError } from "../../index.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";

/** Imports from other programs: a preview, then the import into an agent. */
export function importRoutes({ api }: Service): void {
  own(api, CONTRACTS.lookAtImport, async ({ owner, body }) =>
    withFound(owner, body, async (found) => {
      const { format, left } = found;
      const memories = found.memories.map(async (memory) => ({
        agent: await owner.memgpt.imports.suggestedAgent(found, memory),
        blocks: memory.blocks.length,
        conversations: memory.conversations,
        messages: memory.messages.length,
        passages: memory.passages.length,
      }));
      return { format, left: [...left], memories: await Promise.all(memories) };
    }),
  );

  own(api, CONTRACTS.import, async ({ c, owner, body: { memory: index, into, agent, ...file } }) =>
    withFound(owner, file, async (found) => {
      const memory = found.memories[index];
      if (memory === undefined) {
        throw new MemGPTError("invalid_input", `${file.name} has no memory ${index}. Nothing was imported.`);
      }
      const { imports } = owner.memgpt;
      const { signal } = c.req.raw;
      const bring = (folder: string): ReturnType<typeof imports.add> =>
        imports.add(found, memory, { agent: folder, signal });
      const reported = (
        { id }: AgentEntry,
        { messages, passages, known, notes }: Awaited<ReturnType<typeof bring>>,
      ) => {
        owner.feed.changed(id);
        return { id, messages, passages, known, notes: [...notes] };
      };
      if (into !== undefined) {
        const entry = await owner.agents.get(into);
        return reported(entry, await owner.whileClosed(entry, () => bring(entry.folder)));
      }
      const name = agent ?? (await imports.suggestedAgent(found, memory));
      const { entry, made } = await owner.agents.adopt({ name }, bring);
      return reported(entry, made);
    }),
  );
}

type Sent = { readonly name: string; readonly content: string };

/** Calls `use` with the contents of an uploaded file, which is on disk only meanwhile. */
async function withFound<T>(
  owner: Owner,
  { name, content }: Sent,
  use: (found: FoundImport) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "memgpt-import-"));
  const file = join(folder, "file");
  try {
    await writeFile(file, Buffer.from(content, "base64"), { mode: 0o600 });
    return await use({ ...(await owner.memgpt.imports.find(file)), file: name });
  } catch (error) {
    if (!(error instanceof MemGPTError)) throw error;
    throw new MemGPTError(error.code, error.message.replaceAll(file, name), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
