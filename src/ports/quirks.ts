/** What was learned about one model at one endpoint, to be learned only once. Absent: unknown yet. */
export type Quirks = {
  readonly functionCalling?: "native" | "json";
  readonly innerThoughts?: "content" | "parameter";
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** Whether `stream_options` is accepted. */
  readonly streamOptions?: boolean;
  /** Whether answers can be streamed. */
  readonly stream?: boolean;
  /**
   * How the server can be held to JSON: by a schema, by a schema in the place where servers had it before OpenAI named
   * one, without a schema, or not at all.
   */
  readonly responseFormat?: "json_schema" | "json_object_schema" | "json_object" | "none";
};

/** Remembers the quirks of one model at one endpoint. */
export interface QuirkStore {
  get(): Quirks;
  /** Adds to what is known; newer values win. Never throws. */
  learn(found: Quirks): void;
}

/** Remembers for as long as the process lives. */
export function memoryQuirks(known: Quirks = {}): QuirkStore {
  let quirks = known;
  return {
    get: () => quirks,
    learn(found) {
      quirks = { ...quirks, ...found };
    },
  };
}
