/**
 * What embeds: the built-in stand-in, any OpenAI-compatible server, any model in this process, or the small English one that
 * comes as a package.
 */
export const EMBEDDING_PROVIDERS = ["hash", "openai", "local", "local-lite"] as const;

/**
 * Whether vectors of `model` tell what a text means. Those of the built-in model tell how it is spelled, which is compared
 * without them wherever there is a text to read.
 */
export function knowsMeanings(model: string): boolean {
  return !model.startsWith("hash-");
}
