import * as z from "zod";
import { LOCAL_PROVIDERS, type Provider, hostedAt } from "../settings/providers.ts";
import { type Probe, getJson, serverRoot } from "./probe.ts";

/**
 * Routes that only one kind of server has, the most specific first: KoboldCpp also emulates Ollama and llama.cpp.
 *
 * @source https://lite.koboldai.net/koboldcpp_api; https://lmstudio.ai/docs/api/rest-api;
 *   https://docs.ollama.com/api-reference/get-version; llama.cpp tools/server/README.md, GET /props;
 *   https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 */
const SIGNS: readonly (readonly [id: string, path: string, answer: z.ZodType])[] = [
  ["koboldcpp", "/api/extra/version", z.looseObject({ result: z.literal("KoboldCpp") })],
  ["lmstudio", "/api/v0/models", z.looseObject({ data: z.array(z.unknown()) })],
  ["ollama", "/api/version", z.looseObject({ version: z.string() })],
  ["llamacpp", "/props", z.looseObject({ default_generation_settings: z.unknown() })],
  ["vllm", "/version", z.looseObject({ version: z.string() })],
];

/** Identifies a server: a hosted service by its host, any other by the routes it answers. Undefined if unknown. Never fails. */
export async function identify(probe: Probe): Promise<Provider | undefined> {
  const { endpoint } = probe;
  const hosted = hostedAt(endpoint);
  if (endpoint === null || hosted !== undefined) return hosted;
  const root = serverRoot(endpoint);
  const isOne = await Promise.all(
    SIGNS.map(async ([, path, answer]) => {
      const json = await getJson(`${root}${path}`, probe).catch(() => undefined);
      return answer.safeParse(json).success;
    }),
  );
  const [id] = SIGNS[isOne.indexOf(true)] ?? [];
  const known = LOCAL_PROVIDERS.find((provider) => provider.id === id);
  return known && { ...known, endpoint };
}
