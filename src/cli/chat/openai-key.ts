import { type AgentSettings, type MemGPT, isLoopback, redacted, updateConfig } from "../../index.ts";

/**
 * Asks whether to send `OPENAI_API_KEY` to an agent's endpoint that is not OpenAI's and has no key, and saves the answer.
 * Does not ask about servers on this machine, which rarely need a key.
 *
 * @returns true if the key may now be sent.
 */
export async function mayUseOpenAiKey(
  { credentials, config, home }: MemGPT,
  { endpoint }: AgentSettings,
  signal: AbortSignal,
): Promise<boolean> {
  const found = credentials.openAiKey;
  if (endpoint === null || found === undefined || isLoopback(endpoint) || !credentials.isOpenAiKeyUndecided(endpoint))
    return false;
  const { default: confirm } = await import("@inquirer/confirm");
  const message = `${endpoint} has no key. Send it ${found.origin} (${redacted(found.key)})?`;
  const may = await confirm({ message, default: false }, { signal });
  updateConfig(home, { use_openai_key: { ...config.use_openai_key, [endpoint]: may } });
  return may;
}
