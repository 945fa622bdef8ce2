import { spokenText } from "../../index.ts";
import type { Service } from "../http/service.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";

/** Lines of the conversation that a preview shows. */
const LAST_SAID = 4;

/** What Letta's API has no words for: undo, checkpoints, and why memory says what it says. */
export function timeTravelRoutes({ api }: Service): void {
  own(api, CONTRACTS.undo, async ({ owner, entry, body }) =>
    owner.use(await entry(), (agent) => agent.undo(body.count ?? 1)),
  );
  own(api, CONTRACTS.redo, async ({ owner, entry }) => owner.use(await entry(), (agent) => agent.redo()));

  own(api, CONTRACTS.checkpoints, async ({ owner, entry }) => owner.memgpt.checkpoints((await entry()).folder));
  own(api, CONTRACTS.keepCheckpoint, async ({ owner, entry, body }) =>
    owner.use(await entry(), (agent) => agent.checkpoint(body.name ?? null)),
  );
  own(api, CONTRACTS.loadCheckpoint, async ({ owner, entry, body }) =>
    owner.use(await entry(), (agent) => agent.loadCheckpoint(body.checkpoint)),
  );

  own(api, CONTRACTS.memoryAt, async ({ owner, entry, params }) => {
    const { blocks, queue } = await owner.use(await entry(), (agent) => agent.stateAt(params.checkpoint));
    const said = queue.flatMap((message) => {
      const text = spokenText(message);
      return message.role === "function" || text === undefined ? [] : [{ id: message.id, role: message.role, text }];
    });
    return { blocks: [...blocks], said: said.slice(-LAST_SAID) };
  });

  own(api, CONTRACTS.history, async ({ owner, entry, query }) =>
    owner.memgpt.history((await entry()).folder, query.label),
  );
  own(api, CONTRACTS.why, async ({ owner, entry }) => (await owner.use(await entry(), (agent) => agent.why())) ?? null);

  own(api, CONTRACTS.copyAgent, async ({ owner, entry, body }) => {
    const { id } = await owner.agents.copy(await entry(), body.name, body.at);
    return { id };
  });

  own(api, CONTRACTS.search, async ({ owner, entry, query: { in: memory, ...query } }) => {
    const { folder } = await entry();
    if (memory !== "all") return owner.memgpt.find(folder, { ...query, in: memory });
    const { query: text, from, to, size } = query;
    return owner.memgpt.findAll(folder, { query: text, from, to, size });
  });
}
