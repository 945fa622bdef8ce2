import { defineSource } from "../../index.ts";
import type { Service } from "../http/service.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";

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

  own(api, CONTRACTS.addDocument, async ({ c, owner, entry, body: { source, name, content } }) => {
    const agent = await entry();
    const upload = defineSource({
      // By its name, so that the same document again is a new version of it.
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
      if (event.type === "done") passages = event.passages;
    }
    if (owner.memgpt.sources.names().includes(source)) {
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
