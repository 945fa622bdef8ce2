import { HashEmbedder } from "../../src/llm/embedders/hash-embedder.ts";
import { LocalEmbedder } from "../../src/llm/embedders/local-embedder.ts";
import { OpenAiEmbedder } from "../../src/llm/embedders/openai-embedder.ts";
import { embeddings, modelServer } from "../support/model-server.ts";
import { embedderContract } from "./embedder.ts";

/** Three numbers that tell a text from others. */
function numbersOf(text: string): number[] {
  return [text.length, text.codePointAt(0) ?? 0, 100];
}

embedderContract("hash", async () => new HashEmbedder());

embedderContract("a local model", async () => {
  const pipeline = async () => async (texts: string | readonly string[]) => {
    const all = [texts].flat();
    return { dims: [all.length, 3], data: Float32Array.from(all.flatMap(numbersOf)) };
  };
  return new LocalEmbedder("test/model", null, async () => ({ pipeline }));
});

embedderContract("a server", async () => {
  const { endpoint } = await modelServer([
    (response, request) => {
      embeddings((request.body["input"] as string[]).map(numbersOf))(response, request);
    },
  ]);
  return new OpenAiEmbedder({ model: "m", endpoint, apiKey: null, env: {} });
});
