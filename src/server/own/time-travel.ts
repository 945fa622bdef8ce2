import { type CheckpointEntry, type Journal, spokenText } from "../../index.ts";
import type { Service } from "../http/service.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import { own } from "./route.ts";

/** Number of newest lines of the conversation in a preview. */
const LAST_SAID = 4;

/** What Letta's API lacks: undo, checkpoints, and the reasons for what memory says. */
export function timeTravelRoutes({ api }: Service): void {
  own(api, CONTRACTS.undo, async ({ owner, entry, body }) =>
    owner.use(await entry(), (agent) => agent.undo(body.count ?? 1)),
  );
  own(api, CONTRACTS.redo, async ({ owner, entry }) => owner.use(await entry(), (agent) => agent.redo()));

  own(api, CONTRACTS.checkpoints, async ({ owner, entry }) => {
    const agent = await entry();
    const points = await owner.memgpt.checkpoints(agent.folder);
    return owner.read(agent, ({ journal }) => withoutLater(points, journal));
  });
  own(api, CONTRACTS.keepCheckpoint, async ({ owner, entry, body }) =>
    owner.use(await entry(), (agent) => agent.checkpoint(body.name ?? null)),
  );
  own(api, CONTRACTS.loadCheckpoint, async ({ owner, entry, body }) =>
    owner.use(await entry(), (agent) => agent.loadCheckpoint(body.checkpoint)),
  );

  own(api, CONTRACTS.memoryAt, async ({ owner, entry, params }) => {
    const { blocks, queue } = await owner.use(await entry(), (agent) => agent.stateAt(params.checkpoint));
    const lines = queue.flatMap((message) => {
      const text = spokenText(message);
      return message.role === "function" || text === undefined ? [] : [{ id: message.id, role: message.role, text }];
    });
    return { blocks: [...blocks], said: lines.slice(-LAST_SAID) };
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

/** How the journal names the copying of an earlier moment. */
const COPIED = /^copy --at /;
/** The most journal entries of one copying. */
const MADE_IN = 10;

/** `points` without those of the original agent after the copied moment, if the agent is a copy. */
async function withoutLater(points: CheckpointEntry[], journal: Journal): Promise<CheckpointEntry[]> {
  const copied = points.find(({ op, after }) => op !== null && after !== null && COPIED.test(after));
  if (copied?.op == null) return points;
  const { op: made } = copied;
  const entries = await journal.entries(Math.max(0, made - MADE_IN), made);
  const journey = entries.findLast(({ kind }) => kind === "position");
  if (journey === undefined) return points;
  const moment = Number(journey.after);
  return points.filter(({ op }) => op === null || op <= moment || op >= journey.op);
}
