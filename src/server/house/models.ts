import {
  type ListedModel,
  LOCAL_PROVIDERS,
  type MemGPT,
  MemGPTError,
  hostedAt,
  knownWindow,
  listModels,
  modelOptionsOf,
  storeKey,
} from "../../index.ts";

/** A model that agents can use. Its handle is `provider/name`. */
export type ServedModel = {
  readonly handle: string;
  readonly name: string;
  readonly provider: string;
  readonly endpoint: string | null;
  /** In tokens. */
  readonly contextWindow: number;
};

/** An embedding model. */
export type ServedEmbedding = Pick<ServedModel, "handle" | "name" | "provider" | "endpoint"> & {
  readonly dimensions: number;
};

/** The name of the built-in model. */
export const PRACTICE = "practice";
const OWN = "memgpt";
/** How long a server's list of models is cached, in milliseconds. */
const LISTED_FOR = 60_000;
const LIST_TIMEOUT = 3000;

/** The models that agents can use: the configured one, the others on its server, and the built-in one. */
export class Models {
  readonly #memgpt: MemGPT;
  /** Whether an unknown model, tool or embedding is refused instead of replaced with a warning. */
  readonly isStrict: boolean;
  #listed: Promise<readonly ListedModel[]> | undefined;

  constructor(memgpt: MemGPT, isStrict: boolean) {
    this.#memgpt = memgpt;
    this.isStrict = isStrict;
  }

  /** The configured model, used if a request names none. */
  get standard(): ServedModel {
    const { model, model_endpoint, context_window } = this.#memgpt.config;
    return served(model, model === PRACTICE ? null : model_endpoint, context_window);
  }

  async all(): Promise<ServedModel[]> {
    const { standard } = this;
    const others = standard.name === PRACTICE ? [] : await this.#others();
    const practice = served(PRACTICE, null, standard.contextWindow);
    const all = [standard, ...others.map(({ id, contextWindow }) => this.#beside(id, contextWindow)), practice];
    return all.filter(({ handle }, index) => all.findIndex((other) => other.handle === handle) === index);
  }

  /**
   * The model with that handle; the standard one, with a warning, if unknown.
   *
   * @throws MemGPTError `not_found` for an unknown model if the server is strict.
   */
  async named(handle: string | null | undefined, warnings: string[]): Promise<ServedModel> {
    const { standard } = this;
    if (handle === undefined || handle === null) return standard;
    return (await this.find(handle, warnings, `${standard.handle} is used`)) ?? standard;
  }

  /**
   * The model with that handle, or with that name at any provider. For an unknown one, returns undefined and adds a warning that
   * ends with `instead`.
   *
   * @throws MemGPTError `not_found` for an unknown model if the server is strict.
   */
  async find(handle: string, warnings: string[], instead: string): Promise<ServedModel | undefined> {
    if (handle === this.standard.handle) return this.standard;
    const name = handle.slice(handle.indexOf("/") + 1);
    const all = await this.all();
    const found = all.find((model) => model.handle === handle) ?? all.find((model) => model.name === name);
    if (found !== undefined) return found;
    const text = `This server has no model ${handle}`;
    if (this.isStrict) throw new MemGPTError("not_found", `${text}. GET /v1/models/ lists its models.`);
    warnings.push(`${text}; ${instead}.`);
    return undefined;
  }

  embeddings(): ServedEmbedding[] {
    const { embedding, embedding_model, embedding_endpoint, embedding_dimensions } = this.#memgpt.config;
    const hash = { handle: `${OWN}/hash`, name: "hash", provider: OWN, endpoint: null, dimensions: 1024 };
    if (embedding === "hash" || embedding_model === null) return [hash];
    const provider = embedding === "local" ? "local" : providerAt(embedding_endpoint);
    const handle = `${provider}/${embedding_model}`;
    const own = { handle, name: embedding_model, provider, endpoint: embedding_endpoint };
    return [{ ...own, dimensions: embedding_dimensions ?? 0 }, hash];
  }

  /**
   * Warns that the server's own embedding model is used, if `handle` names another.
   *
   * @throws MemGPTError `not_found` in that case if the server is strict.
   */
  checkEmbedding(handle: string | null | undefined, warnings: string[]): void {
    const [standard] = this.embeddings();
    if (handle === undefined || handle === null || handle === standard?.handle) return;
    const text = `This server does not embed with ${handle}`;
    if (this.isStrict)
      throw new MemGPTError("not_found", `${text}. GET /v1/models/embedding lists its embedding models.`);
    warnings.push(`${text}; ${standard?.handle ?? "its own"} is used.`);
  }

  /** Warns that an agent is created without an unknown tool. @throws MemGPTError `not_found` if the server is strict. */
  missingTool(name: string, warnings: string[]): void {
    const text = `This server has no tool ${name}`;
    if (this.isStrict) throw new MemGPTError("not_found", `${text}. GET /v1/tools/ lists its tools.`);
    warnings.push(`${text}; the agent is created without it.`);
  }

  /** Warns that part of a request is not done. @throws MemGPTError `invalid_input` if the server is strict. */
  notDone(reason: string, what: string, warnings: string[]): void {
    if (this.isStrict) throw new MemGPTError("invalid_input", `${reason}. Nothing was created.`);
    warnings.push(`${reason}; ${what}.`);
  }

  /** Stores an API key for an endpoint (null: OpenAI). @throws MemGPTError as `storeKey`. */
  storeKey(endpoint: string | null, key: string): void {
    storeKey(this.#memgpt.home, endpoint, key);
    this.#memgpt.credentials.learn(endpoint, key);
    this.#listed = undefined;
  }

  async #others(): Promise<readonly ListedModel[]> {
    if (this.#listed !== undefined) return this.#listed;
    const { config, credentials } = this.#memgpt;
    const connection = credentials.modelConnection({
      endpoint: config.model_endpoint,
      options: modelOptionsOf(config),
    });
    this.#listed = listModels({ ...connection, timeout: LIST_TIMEOUT }).catch(() => []);
    setTimeout(() => (this.#listed = undefined), LISTED_FOR).unref();
    return this.#listed;
  }

  #beside(id: string, window: number | undefined): ServedModel {
    const { model_endpoint, context_window } = this.#memgpt.config;
    return served(id, model_endpoint, window ?? knownWindow(id) ?? context_window);
  }
}

/** The handle of the model in an agent's settings. */
export function handleOf({ model, endpoint }: { readonly model: string; readonly endpoint: string | null }): string {
  return served(model, model === PRACTICE ? null : endpoint, 0).handle;
}

function served(name: string, endpoint: string | null, contextWindow: number): ServedModel {
  const provider = name === PRACTICE ? OWN : providerAt(endpoint);
  return { handle: `${provider}/${name}`, name, provider, endpoint, contextWindow };
}

function providerAt(endpoint: string | null): string {
  const local = LOCAL_PROVIDERS.find(
    ({ port }) => endpoint !== null && URL.canParse(endpoint) && new URL(endpoint).port === String(port),
  );
  return hostedAt(endpoint)?.id ?? local?.id ?? "openai";
}
