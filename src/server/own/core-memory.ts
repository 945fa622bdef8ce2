import { type Agent, type Block, MemGPTError, envelopeText, spokenText } from "../../index.ts";
import { Refusal } from "../house/refusal.ts";
import type { Service } from "../http/service.ts";
import type { Owner } from "../house/owners.ts";
import type { AnswerOf } from "../wire/contract.ts";
import { defined } from "../../schema/defined.ts";
import { CONTRACTS, type Contracts } from "../wire/contracts.ts";
import { own } from "./route.ts";

/** Memory as a person reads and edits it while the agent may edit it too. */
export function ownMemoryRoutes({ api }: Service): void {
  own(api, CONTRACTS.memory, async ({ owner, entry }) =>
    owner.read(await entry(), async (memory) => ({
      blocks: [...((await memory.load())?.blocks ?? [])],
      recall: await memory.recall.size(),
      archival: await memory.archival.size(),
    })),
  );

  own(api, CONTRACTS.putBlock, async ({ owner, entry, params: { label }, body: { was, ...block } }) =>
    owner.use(await entry(), async (agent) => {
      const known = agent.state.blocks.find((it) => it.label === label);
      if (was === null && known === undefined) {
        await agent.addBlock({ label, ...defined(block) });
        return blockOf(agent, label);
      }
      if (known === undefined) throw new MemGPTError("not_found", `There is no block ${label}. Nothing was changed.`);
      if (known.value !== was) {
        const text = `Block ${label} was changed since you read it. Nothing was overwritten; read it again and merge.`;
        throw new Refusal(409, "block_changed", text, { "x-should-retry": "false" });
      }
      return agent.changeBlock(label, defined(block));
    }),
  );

  own(api, CONTRACTS.removeBlock, async ({ owner, entry, params: { label } }) => {
    await owner.use(await entry(), (agent) => agent.removeBlock(label));
    return {};
  });

  own(api, CONTRACTS.passages, async ({ owner, entry, query: { after, size } }) =>
    owner.read(await entry(), async ({ archival }) => {
      const found = await archival.list({ newestFirst: true, count: size + 1, after });
      const passages = found.slice(0, size).map(({ id, text, createdAt }) => ({ id, text, createdAt }));
      return { passages, next: found.length > size ? (passages.at(-1)?.id ?? null) : null };
    }),
  );

  own(api, CONTRACTS.removePassage, async ({ owner, entry, params }) => ({
    removed: await owner.use(await entry(), (agent) => agent.removePassages([params.passage_id])),
  }));

  own(api, CONTRACTS.found, async ({ owner, entry, params }) =>
    owner.read(await entry(), (memory) => foundBy(memory, params.message_id)),
  );

  own(api, CONTRACTS.window, async ({ owner, entry }) =>
    owner.use(await entry(), async (agent) => {
      const { settings, queue, evicted } = agent.state;
      const [head] = queue;
      const summary = head?.role === "user" && head.event === "summary" ? (envelopeText(head.content) ?? null) : null;
      const counts = { queue: queue.length, evicted, summary, model: settings.model };
      return { ...agent.context(), ...counts, spent: await agent.spent() };
    }),
  );
}

function blockOf({ state }: Agent, label: string): Block {
  const block = state.blocks.find((it) => it.label === label);
  if (block === undefined) throw new MemGPTError("not_found", `There is no block ${label}.`);
  return block;
}

type Memory = Parameters<Parameters<Owner["read"]>[1]>[0];
type FoundBy = AnswerOf<Contracts["found"]>;

/** The results of a search, with their current text. Passages of sources have none: their text is in the return. */
async function foundBy({ recall, archival }: Memory, id: string): Promise<FoundBy> {
  const message = await recall.get(id);
  if (message?.role !== "function") throw new MemGPTError("not_found", `No search has the id ${id}.`);
  const results = (message.hits ?? []).map(async ({ id: hit, signals, source = null }): Promise<FoundBy> => {
    const stored = source === null ? await recall.get(hit) : undefined;
    if (stored !== undefined && stored.role !== "function") {
      return [{ id: hit, at: stored.createdAt, role: stored.role, source, text: spokenText(stored) ?? "", signals }];
    }
    const passage = source === null ? await archival.get(hit) : undefined;
    if (passage === undefined && source === null) return [];
    return [{ id: hit, at: passage?.createdAt ?? "", role: "archival", source, text: passage?.text ?? "", signals }];
  });
  return (await Promise.all(results)).flat();
}
