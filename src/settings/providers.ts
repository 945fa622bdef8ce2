import { OPENAI_ENDPOINT } from "../llm/endpoint.ts";

/** A server or service that speaks the OpenAI protocol, as a person knows it. */
export type Provider = {
  readonly id: string;
  readonly name: string;
  /** Base URL; null where everybody has one of their own. */
  readonly endpoint: string | null;
  /** Environment variable that holds its key; null for servers that need none. */
  readonly keyVariable: string | null;
  /** Port on loopback, of a server that people run themselves. */
  readonly port: number | null;
  /** A model there that is good at calling functions and cheap; null where it depends on what is installed. */
  readonly model: string | null;
  /** A model there that makes embeddings; null where there is none, or it depends. */
  readonly embedding: string | null;
};

function local(id: string, name: string, port: number): Provider {
  return { id, name, endpoint: `http://127.0.0.1:${port}/v1`, keyVariable: null, port, model: null, embedding: null };
}

function hosted(
  id: string,
  name: string,
  endpoint: string | null,
  keyVariable: string,
  model: string | null,
  embedding: string | null = null,
): Provider {
  return { id, name, endpoint, keyVariable, port: null, model, embedding };
}

/** Servers on one's own machine, at the ports that they listen on unless told otherwise. */
export const LOCAL_PROVIDERS: readonly Provider[] = [
  local("ollama", "Ollama", 11434),
  local("lmstudio", "LM Studio", 1234),
  local("llamacpp", "llama.cpp", 8080),
  local("vllm", "vLLM", 8000),
  local("koboldcpp", "KoboldCpp", 5001),
];

/** Services. OpenAI is the one that an agent without an endpoint speaks to. */
export const HOSTED_PROVIDERS: readonly Provider[] = [
  hosted("openai", "OpenAI", OPENAI_ENDPOINT, "OPENAI_API_KEY", "gpt-4.1-mini", "text-embedding-3-small"),
  hosted(
    "openrouter",
    "OpenRouter",
    "https://openrouter.ai/api/v1",
    "OPENROUTER_API_KEY",
    "openai/gpt-4.1-mini",
    "openai/text-embedding-3-small",
  ),
  hosted("groq", "Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "llama-3.3-70b-versatile"),
  hosted(
    "together",
    "Together",
    "https://api.together.xyz/v1",
    "TOGETHER_API_KEY",
    "meta-llama/Llama-3.3-70B-Instruct-Turbo",
  ),
  hosted("azure", "Azure OpenAI", null, "AZURE_OPENAI_API_KEY", null),
];

export const PROVIDERS: readonly Provider[] = [...HOSTED_PROVIDERS, ...LOCAL_PROVIDERS];

/** The service at `endpoint`, by its host; undefined for a server of one's own. Null is OpenAI. */
export function hostedAt(endpoint: string | null): Provider | undefined {
  if (endpoint !== null && !URL.canParse(endpoint)) return undefined;
  const { protocol, host } = new URL(endpoint ?? OPENAI_ENDPOINT);
  // A key is for the service itself, not for whoever answers in its name without a certificate.
  if (protocol !== "https:") return undefined;
  if (/\.(openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)$/.test(host)) {
    return HOSTED_PROVIDERS.find(({ id }) => id === "azure");
  }
  return HOSTED_PROVIDERS.find(({ endpoint: known }) => known !== null && new URL(known).host === host);
}

/**
 * Context windows in tokens, for servers that do not tell. The first that matches counts; a vendor's prefix
 * (`openai/gpt-4o`) is left away before.
 *
 * @source the model pages of OpenAI, Anthropic, Google, Meta, Mistral, Qwen and DeepSeek
 */
const WINDOWS: readonly (readonly [name: RegExp, tokens: number])[] = [
  [/^gpt-5/, 400_000],
  [/^gpt-4\.1/, 1_047_576],
  [/^(gpt-4o|chatgpt-4o|gpt-4-turbo|gpt-4-1106|gpt-4-0125|gpt-4-vision)/, 128_000],
  [/^gpt-4-32k/, 32_768],
  [/^gpt-4(-\d{4})?$/, 8192],
  [/^gpt-3\.5-turbo-(instruct|0301|0613$)/, 4096],
  [/^gpt-3\.5-turbo/, 16_385],
  [/^gpt-oss/, 131_072],
  [/^o1-(mini|preview)/, 128_000],
  [/^o[134](-|$)/, 200_000],
  [/^claude-/, 200_000],
  [/^gemini-(1\.5|2)/, 1_048_576],
  [/^(meta-)?llama-?3[.-]?[123]/, 131_072],
  [/^(meta-)?llama-?3/, 8192],
  [/^(mistral-(large|small|medium|nemo)|ministral)/, 131_072],
  [/^(mistral|mixtral)/, 32_768],
  [/^qwen-?(2\.5|3)/, 32_768],
  [/^deepseek/, 65_536],
];

/** The context window of a model, in tokens, by its name; undefined if it is not known. */
export function knownWindow(model: string): number | undefined {
  const name = model.toLowerCase().replace(/^.*\//, "");
  return WINDOWS.find(([pattern]) => pattern.test(name))?.[1];
}
