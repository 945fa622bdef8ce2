import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { estimateTokensInFunctions } from "gpt-tokenizer/functionCalling";
import { type Behaviour, type ModelServer, type Seen, modelServer, whole } from "./model-server.ts";

export type CountingOptions = {
  /** What is longer is cut in silence, and what is kept is counted. */
  readonly window?: number;
  /** Whether it reports what it counted. */
  readonly reports?: boolean;
};

export type CountingServer = ModelServer & {
  /** Tokens of each request, whole, oldest first. */
  readonly counts: () => number[];
};

/** A server that answers every request with one sentence, and counts its tokens as OpenAI's newer models do. */
export async function countingServer({
  window = Infinity,
  reports = true,
}: CountingOptions = {}): Promise<CountingServer> {
  const answer: Behaviour = (response, request) => {
    const usage = { prompt_tokens: Math.min(window, tokensOf(request)), completion_tokens: 20 };
    const call = { name: "send_message", arguments: JSON.stringify({ message: "Go on." }) };
    const said =
      request.body["tools"] === undefined
        ? { role: "assistant", content: "They talked of this and that." }
        : { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: call }] };
    whole(said, reports ? { usage } : {})(response, request);
  };
  const server = await modelServer([answer]);
  return Object.assign(server, { counts: () => server.seen.map(tokensOf) });
}

type WireMessage = {
  readonly content?: string | null;
  readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: string } }[];
};

type Functions = Parameters<typeof estimateTokensInFunctions>[0];

const count = (text: string): number => encode(text).length;

/** A message takes four tokens beside its text; functions are shown to these models as type declarations. */
export function tokensOf({ body }: Seen): number {
  const messages = body["messages"] as readonly WireMessage[];
  const texts = messages.flatMap(({ content, tool_calls: calls = [] }) => [
    content ?? "",
    ...calls.map(({ function: { name, arguments: args } }) => `${name}(${args})`),
  ]);
  const tools = (body["tools"] ?? []) as readonly { readonly function: Functions[number] }[];
  const functions = estimateTokensInFunctions(
    tools.map((tool) => tool.function),
    count,
  );
  return texts.reduce((sum, text) => sum + count(text), functions) + 4 * messages.length;
}
