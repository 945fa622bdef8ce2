import { type Config, type ConfigChanges, configSchema, embeddingSettingsOf, modelOptionsOf } from "../../index.ts";
import type { NewKey, Setup } from "./apply.ts";
import { type Session, askKey } from "./asking.ts";
import { type ChosenEmbedding, type SoFar, askEmbedding, testEmbedding } from "./embedding.ts";
import type { Option } from "./questions.ts";
import { type Chosen, type ChosenModel, askAgent, askEndpoint, askModel, askPlace, testModel } from "./wizard.ts";

/** The answers. With the practice model, `chosen` and `model` are undefined. */
type Answers = {
  readonly chosen: Chosen | undefined;
  readonly model: ChosenModel | undefined;
  readonly embedding: ChosenEmbedding;
  readonly agent: ConfigChanges;
};

/**
 * Asks everything and tries the result. If something does not work, lets the person change one answer at a time. Writes
 * nothing: returns what to write, or undefined if the person does not want to save it.
 */
export async function wizard(session: Session): Promise<Setup | undefined> {
  const server = await askServer(session);
  const embedding = await askEmbedding(session, soFar(session, server));
  let answers: Answers = { ...server, embedding, agent: await askAgent(session) };
  for (;;) {
    if (await works(session, answers)) {
      return (await session.ask.confirm("Save this?", true)) ? setupOf(session, answers) : undefined;
    }
    const next = await session.ask.select("What now?", nextSteps(answers), "again");
    if (next === "leave") return undefined;
    if (next === "save") return setupOf(session, answers);
    if (next !== "again") answers = await askAgain(next, answers, withAnswers(session, answers));
  }
}

type Changing = "server" | "key" | "model" | "embedding" | "agent";

function nextSteps({ chosen }: Answers): Option<Changing | "again" | "save" | "leave">[] {
  const ofServer: Option<Changing>[] = [
    { value: "key", name: "change the key of the model's server" },
    { value: "model", name: "change the model or its context window" },
  ];
  return [
    { value: "again", name: "try again" },
    ...(chosen === undefined ? [] : ofServer),
    { value: "server", name: "change the model's server" },
    { value: "embedding", name: "change how archival memory is searched" },
    { value: "agent", name: "change preset, persona or human" },
    { value: "save", name: "save it anyway" },
    { value: "leave", name: "exit without saving" },
  ];
}

/** `answers` with one of them asked again. */
async function askAgain(what: Changing, answers: Answers, session: Session): Promise<Answers> {
  const { chosen } = answers;
  switch (what) {
    case "server":
      return { ...answers, ...(await askServer(session)) };
    case "key":
      return chosen === undefined
        ? answers
        : { ...answers, chosen: { ...chosen, ...(await askKey(session, chosen.endpoint, true)) } };
    case "model":
      return chosen === undefined ? answers : { ...answers, model: await askModel(session, chosen) };
    case "embedding":
      return { ...answers, embedding: await askEmbedding(session, soFar(session, answers)) };
    case "agent":
      return { ...answers, agent: await askAgent(session) };
  }
}

/** A session that suggests the answers given so far when they are asked again. */
function withAnswers(session: Session, answers: Answers): Session {
  const { memgpt } = session;
  const { model, embedding, agent } = answers;
  const origins = { ...memgpt.origins, model: { from: "file" } as const };
  return {
    ...session,
    memgpt: {
      config: configSchema.parse({
        ...soFar(session, answers).config,
        ...withDefaults({ ...embedding.changes, ...agent }),
      }),
      origins: model === undefined ? origins : { ...origins, context_window: { from: "file" } },
      credentials: memgpt.credentials,
      resources: memgpt.resources,
    },
  };
}

async function askServer(session: Session): Promise<Pick<Answers, "chosen" | "model">> {
  const place = await askPlace(session);
  const chosen = place === "practice" ? undefined : await askEndpoint(session, place);
  return { chosen, model: chosen === undefined ? undefined : await askModel(session, chosen) };
}

function soFar({ memgpt }: Session, { chosen, model }: Pick<Answers, "chosen" | "model">): SoFar {
  return { config: { ...memgpt.config, ...modelChanges(chosen, model) }, key: chosen?.key };
}

/** The configuration with the chosen embedding. */
function embedded(session: Session, answers: Answers): Config {
  return configSchema.parse({ ...soFar(session, answers).config, ...withDefaults(answers.embedding.changes) });
}

/** Tries the model and the embedding. */
async function works(session: Session, answers: Answers): Promise<boolean> {
  const { chosen, model, embedding } = answers;
  const { endpoint = null, key } = chosen ?? {};
  const { credentials } = session.memgpt;
  const options = modelOptionsOf(soFar(session, answers).config);
  const connection = credentials.withKey(endpoint, key).modelConnection({ endpoint, options });
  const isModelWorking = model === undefined || (await testModel(session, { ...model, options, connection }));
  const settings = embeddingSettingsOf(embedded(session, answers));
  const embeddingServer = credentials.withKey(settings.endpoint, embedding.key).embeddingConnection(settings);
  return (await testEmbedding(session, settings, embeddingServer)) && isModelWorking;
}

function setupOf(session: Session, answers: Answers): Setup {
  const { chosen, model, embedding, agent } = answers;
  const { endpoint: embeddingEndpoint } = embeddingSettingsOf(embedded(session, answers));
  const keys = [newKey(chosen?.endpoint ?? null, chosen?.newKey), newKey(embeddingEndpoint, embedding.newKey)];
  const changes = { ...modelChanges(chosen, model), ...embedding.changes, ...agent };
  return { changes, keys: keys.filter((key) => key !== undefined) };
}

/** The practice model needs only its name; other settings stay. */
function modelChanges(
  chosen: Chosen | undefined,
  model: ChosenModel | undefined,
): { model: string; model_endpoint: string | null; context_window?: number; api_version?: string | null } {
  if (chosen === undefined || model === undefined) return { model: "practice", model_endpoint: null };
  const { endpoint, apiVersion } = chosen;
  return {
    model: model.model,
    model_endpoint: endpoint,
    context_window: model.contextWindow,
    api_version: apiVersion,
  };
}

function newKey(endpoint: string | null, key: string | undefined): NewKey | undefined {
  return key === undefined ? undefined : { endpoint, key };
}

/** Changes with undefined for null, so that removed settings get their defaults. */
function withDefaults(changes: ConfigChanges): ConfigChanges {
  return Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ?? undefined]));
}
