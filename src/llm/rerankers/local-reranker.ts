import { LlmError, describe } from "../../errors.ts";
import type { Reranker } from "../../ports/reranker.ts";

type Tensors = Readonly<Record<string, unknown>>;

/** The part of `@huggingface/transformers`, an optional peer dependency, that is used here. */
export type CrossEncoders = {
  readonly AutoTokenizer: {
    from_pretrained(
      model: string,
    ): Promise<
      (
        queries: string[],
        options: { readonly text_pair: string[]; readonly padding: true; readonly truncation: true },
      ) => Tensors
    >;
  };
  readonly AutoModelForSequenceClassification: {
    from_pretrained(
      model: string,
      options: { readonly dtype: "fp32" },
    ): Promise<
      (inputs: Tensors) => Promise<{
        readonly logits: { readonly data: ArrayLike<number>; readonly dims: readonly number[] };
      }>
    >;
  };
};

const PACKAGE = "@huggingface/transformers";

/** The name is in a variable so that neither TypeScript nor bundlers require a package that most people do not have. */
const loadPackage = async (): Promise<CrossEncoders> => (await import(PACKAGE)) as CrossEncoders;

/** Texts per batch, which cannot be interrupted. */
const BATCH = 8;

type Scorer = (query: string, texts: readonly string[]) => Promise<readonly number[]>;

/** A cross-encoder in this process. Loads the model for the first search; the library downloads the weights once. */
export class LocalReranker implements Reranker {
  readonly model: string;
  readonly #load: () => Promise<CrossEncoders>;
  #scorer: Promise<Scorer> | undefined;

  /** @param model Name on the Hugging Face hub, or a folder. */
  constructor(model: string, load: () => Promise<CrossEncoders> = loadPackage) {
    this.model = model;
    this.#load = load;
  }

  async scores(query: string, texts: readonly string[], signal?: AbortSignal): Promise<readonly number[]> {
    // A later search tries again.
    this.#scorer ??= this.#loadModel().catch((error: unknown) => {
      this.#scorer = undefined;
      throw error;
    });
    const score = await this.#scorer;
    const found: number[] = [];
    for (let start = 0; start < texts.length; start += BATCH) {
      signal?.throwIfAborted();
      found.push(...(await score(query, texts.slice(start, start + BATCH))));
    }
    return found;
  }

  async #loadModel(): Promise<Scorer> {
    const { model } = this;
    try {
      const { AutoTokenizer, AutoModelForSequenceClassification } = await this.#load();
      const [tokenize, classify] = await Promise.all([
        AutoTokenizer.from_pretrained(model),
        AutoModelForSequenceClassification.from_pretrained(model, { dtype: "fp32" }),
      ]);
      return async (query, texts) => {
        const queries = texts.map(() => query);
        const { logits } = await classify(
          tokenize(queries, { text_pair: [...texts], padding: true, truncation: true }),
        );
        if (logits.data.length !== texts.length) {
          throw new LlmError(`${model} did not return one score for each text; choose a model made for reranking.`);
        }
        return Array.from(logits.data);
      };
    } catch (cause) {
      throw new LlmError(
        `The reranker ${model} cannot be loaded (${describe(cause)}). Nothing was lost; it needs \`npm install ${PACKAGE}\`, and a ` +
          "connection the first time, or rerank_model set to a folder with a model.",
        { cause },
      );
    }
  }
}
