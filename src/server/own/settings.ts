import {
  type EmbeddingSettings,
  OPENAI_ENDPOINT,
  answerBoundsOf,
  checkModel,
  chosenEmbedding,
  tryEmbedding,
} from "../../index.ts";
import { Refusal } from "../house/refusal.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import { PRACTICE } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import { CONTRACTS } from "../wire/contracts.ts";
import type { ChosenEmbedding, ChosenModel } from "../wire/settings-contracts.ts";
import { type Asked, own } from "./route.ts";

/** In milliseconds. Long, because a server may have to load the model first. */
const TRIAL_TIMEOUT = 60_000;

/** An agent's model and embedding: reading, trying and changing them. */
export function settingsRoutes({ api, models }: Service): void {
  own(api, CONTRACTS.settings, async ({ c, owner, entry }) => {
    const { model, endpoint, contextWindow, embedding } = await settingsOf(owner, await entry());
    const served = (await models.all()).map(({ name, ...it }) => ({
      model: name,
      endpoint: it.endpoint,
      contextWindow: it.contextWindow,
    }));
    return {
      model: { model, endpoint: model === PRACTICE ? null : endpoint, contextWindow },
      embedding: shown(embedding),
      models: served,
      embeddings: embeddingsOf(owner),
      mayChooseServer: c.get("caller").isAdmin,
    };
  });

  own(api, CONTRACTS.tryModel, async ({ c, owner, entry, body }) => {
    const { options, endpoint } = await settingsOf(owner, await entry());
    checkServer(c, body, [endpoint, models.standard.endpoint]);
    const { credentials, config } = owner.memgpt;
    const keyed = body.key === undefined ? credentials : credentials.withKey(body.endpoint, body.key);
    const choice = {
      model: body.model,
      contextWindow: body.contextWindow,
      options,
      connection: keyed.modelConnection({ endpoint: body.endpoint, options }),
    };
    const checks = [];
    const { signal } = c.req.raw;
    const trial = checkModel(choice, { bounds: answerBoundsOf(config), timeout: TRIAL_TIMEOUT, signal });
    for await (const { name, status, detail, advice } of trial) {
      checks.push({ name, status, detail, ...(advice === undefined ? {} : { advice }) });
    }
    return checks;
  });

  own(api, CONTRACTS.putModel, async ({ c, owner, entry, body }) => {
    const agent = await entry();
    const { endpoint: present } = await settingsOf(owner, agent);
    checkServer(c, body, [present, models.standard.endpoint]);
    const { model, contextWindow, key } = body;
    const endpoint = model === PRACTICE ? undefined : (body.endpoint ?? OPENAI_ENDPOINT);
    if (key !== undefined) {
      models.storeKey(endpoint ?? null, key);
      owner.memgpt.credentials.learn(endpoint ?? null, key);
    }
    return owner.use(agent, (it) =>
      it.configure({ model, contextWindow, ...(endpoint === undefined ? {} : { endpoint }) }),
    );
  });

  own(api, CONTRACTS.tryEmbedding, async ({ c, owner, entry, body }) => {
    const { embedding } = await settingsOf(owner, await entry());
    checkEmbedder(c, body, [embedding, ...embeddingsOf(owner)]);
    const { config, credentials } = owner.memgpt;
    const settings = chosenEmbedding(embedding, body, config);
    const connection = credentials.embeddingConnection(settings);
    return tryEmbedding(settings, { connection, timeout: TRIAL_TIMEOUT, signal: c.req.raw.signal });
  });

  own(api, CONTRACTS.putEmbedding, async ({ c, owner, entry, body }) => {
    const agent = await entry();
    const { embedding } = await settingsOf(owner, agent);
    checkEmbedder(c, body, [embedding, ...embeddingsOf(owner)]);
    const notices: string[] = [];
    const report = { model: "", passages: 0, withoutVector: 0, notices };
    await owner.whileClosed(agent, async () => {
      const { signal } = c.req.raw;
      for await (const event of owner.memgpt.reindex(agent.folder, { embedding: body, signal })) {
        if (event.type === "notice") notices.push(event.text);
        if (event.type !== "done") continue;
        const { model, passages, withoutVector } = event;
        Object.assign(report, { model, passages, withoutVector });
      }
    });
    owner.feed.changed(agent.id);
    return report;
  });
}

async function settingsOf(owner: Owner, entry: AgentEntry) {
  return owner.use(entry, async ({ state }) => state.settings);
}

function shown({ provider, model, endpoint }: EmbeddingSettings): ChosenEmbedding {
  return { provider, model, endpoint };
}

/** The built-in embedding and the configured one. */
function embeddingsOf({ memgpt: { config } }: Owner): ChosenEmbedding[] {
  const hash = { provider: "hash", model: null, endpoint: null } as const;
  if (config.embedding === "hash") return [hash];
  return [hash, { provider: config.embedding, model: config.embedding_model, endpoint: config.embedding_endpoint }];
}

type Context = Asked<(typeof CONTRACTS)["tryModel"]>["c"];

/** Without this, anybody could make the server call any machine in its network, and send it other users' keys. */
function checkServer(c: Context, { model, endpoint, key }: ChosenModel, known: readonly (string | null)[]): void {
  if (c.get("caller").isAdmin || (key === undefined && (model === PRACTICE || known.includes(endpoint)))) return;
  throw new Refusal(403, "forbidden", "Only an admin may name another server or give it a key. Nothing was changed.");
}

function checkEmbedder(
  c: Context,
  { provider, model, endpoint }: ChosenEmbedding,
  known: readonly ChosenEmbedding[],
): void {
  const isKnown = known.some((it) => it.provider === provider && it.model === model && it.endpoint === endpoint);
  if (c.get("caller").isAdmin || isKnown) return;
  throw new Refusal(403, "forbidden", "Only an admin may choose another embedding. Nothing was changed.");
}
