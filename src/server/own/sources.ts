import { MemGPTError, agentBehind, defineSource } from "../../index.ts";
import type { Owner } from "../house/owners.ts";
import type { Service } from "../http/service.ts";
import type { AnswerOf } from "../wire/contract.ts";
import { CONTRACTS, type Contracts } from "../wire/contracts.ts";
import { own } from "./route.ts";

/** The most documents of a source that are listed. */
const MOST_DOCUMENTS = 1000;

/** Documents that agents can search: loaded from the page, attached and detached. */
export function sourceRoutes({ api }: Service): void {
  own(api, CONTRACTS.sources, async ({ owner, entry }) => {
    const state = await owner.read(await entry(), (memory) => memory.load());
    const attached = new Set(state?.sources ?? []);
    const sources = await owner.memgpt.sources.list();
    return sources.map(({ name, documents, passages }) => {
      return { name, documents, passages, isAttached: attached.has(name) };
    });
  });

  own(api, CONTRACTS.documents, async ({ owner, params: { source } }) => {
    const documents: AnswerOf<Contracts["documents"]>["documents"] = [];
    let total = 0;
    for await (const { name, passages, loadedAt, isComplete } of owner.memgpt.sources.documents(source)) {
      total += 1;
      if (total <= MOST_DOCUMENTS) documents.push({ name, passages, loadedAt, isComplete });
    }
    return { documents, total };
  });

  own(api, CONTRACTS.around, async ({ owner, entry, params: { passage_id: id }, query: { source, count } }) => {
    const agent = await entry();
    if (source === undefined) return owner.read(agent, (memory) => ownAround(memory, id, count));
    const archive = agentBehind(source);
    if (archive !== undefined) return owner.memgpt.readAgent(archive, (memory) => ownAround(memory, id, count));
    const { document, passages } = await owner.memgpt.sources.around(source, id, count);
    const placed = passages.map(({ id: passage, text, page, line, heading }) => {
      return { id: passage, text, page, line, heading, createdAt: null };
    });
    return { document, passages: placed };
  });

  own(api, CONTRACTS.addDocument, async ({ c, owner, entry, body: { source, name, content } }) => {
    const agent = await entry();
    const upload = defineSource({
      // Named after the document, so that a second upload replaces it.
      name: `upload ${name}`,
      async *read() {
        yield { name, content: Buffer.from(content, "base64") };
      },
    });
    const problems: string[] = [];
    let passages = 0;
    const { signal } = c.req.raw;
    for await (const event of owner.memgpt.sources.load(source, [upload], { signal })) {
      if (event.type === "skipped") problems.push(event.reason);
      if (event.type === "notice") problems.push(event.text);
      if (event.type === "secrets") problems.push(`Secrets redacted: ${event.count} (${event.kinds.join(", ")})`);
      if (event.type === "done") passages = event.passages;
    }
    if ((await owner.memgpt.sources.names()).includes(source)) {
      await owner.use(agent, async (it) => {
        if (!(it.state.sources ?? []).includes(source)) await it.attach(source);
      });
    }
    return { passages, problems };
  });

  own(api, CONTRACTS.attachSource, async ({ owner, entry, params }) => {
    await owner.use(await entry(), (agent) => agent.attach(params.source));
    return {};
  });

  own(api, CONTRACTS.detachSource, async ({ owner, entry, params }) => {
    await owner.use(await entry(), (agent) => agent.detach(params.source));
    return {};
  });
}

type Memory = Parameters<Parameters<Owner["read"]>[1]>[0];

/** One of the agent's own passages, and those written just before and after it. */
async function ownAround({ archival }: Memory, id: string, count: number): Promise<AnswerOf<Contracts["around"]>> {
  const own = await archival.get(id);
  if (own === undefined) throw new MemGPTError("not_found", `There is no passage ${id}.`);
  const before = await archival.list({ newestFirst: true, count, after: id });
  const after = await archival.list({ newestFirst: false, count, after: id });
  const passages = [...before.reverse(), own, ...after].map(({ id: passage, text, createdAt }) => {
    return { id: passage, text, page: null, line: null, heading: null, createdAt };
  });
  return { document: null, passages };
}
