/**
 * Where embeddings come from: the built-in stand-in, an OpenAI-compatible server, a model in this process, or the small
 * English one that comes as a package.
 */
export const EMBEDDING_PROVIDERS = ["hash", "openai", "local", "local-lite"] as const;

/**
 * Whether vectors of `model` represent meaning. Those of the built-in model represent spelling, which is compared
 * without them wherever the text is available.
 */
export function knowsMeanings(model: string): boolean {
  return !model.startsWith("hash-");
}
