import { OPENAI_ENDPOINT } from "../llm/endpoint.ts";

/** A well-known server or service that speaks the OpenAI protocol. */
export type Provider = {
  readonly id: string;
  readonly name: string;
  /** Base URL; null if every customer has a different one. */
  readonly endpoint: string | null;
  /** Environment variable with its key; null for servers that need no key. */
  readonly keyVariable: string | null;
  /** Port on loopback, for servers that people run locally. */
  readonly port: number | null;
  /** A cheap model that is good at calling functions; null if it depends on what is installed. */
  readonly model: string | null;
  /** An embedding model; null if the server has none or it depends on what is installed. */
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

/** Local servers at their default ports. */
export const LOCAL_PROVIDERS: readonly Provider[] = [
  local("ollama", "Ollama", 11434),
  local("lmstudio", "LM Studio", 1234),
  local("llamacpp", "llama.cpp", 8080),
  local("vllm", "vLLM", 8000),
  local("koboldcpp", "KoboldCpp", 5001),
];

/** Hosted services. An agent without an endpoint uses OpenAI. */
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

/** The hosted service at `endpoint`, by its host; undefined for any other server. Null is OpenAI. */
export function hostedAt(endpoint: string | null): Provider | undefined {
  if (endpoint !== null && !URL.canParse(endpoint)) return undefined;
  const { protocol, host } = new URL(endpoint ?? OPENAI_ENDPOINT);
  // Without a certificate, anyone could answer in the name of the service and receive its key.
  if (protocol !== "https:") return undefined;
  if (/\.(openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)$/.test(host)) {
    return HOSTED_PROVIDERS.find(({ id }) => id === "azure");
  }
  return HOSTED_PROVIDERS.find(({ endpoint: known }) => known !== null && new URL(known).host === host);
}

/**
 * Context windows in tokens, for servers that do not report them. The first match counts; a vendor's prefix (`openai/gpt-4o`) is
 * removed first.
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

/** The context window of a model, in tokens, by its name; undefined if unknown. */
export function knownWindow(model: string): number | undefined {
  const name = model.toLowerCase().replace(/^.*\//, "");
  return WINDOWS.find(([pattern]) => pattern.test(name))?.[1];
}
