import { describe, expect, test } from "vitest";
import { OpenAiEmbedder, type OpenAiEmbedderOptions } from "../../../src/llm/embedders/openai-embedder.ts";
import {
  type Behaviour,
  type ModelServer,
  type Seen,
  embeddings,
  json,
  modelServer,
  refuse,
  stall,
} from "../../support/model-server.ts";
import { recorded } from "./fixtures.ts";

/** A client of a server on loopback that waits for nothing. */
function client(endpoint: string, options: Partial<OpenAiEmbedderOptions> = {}): OpenAiEmbedder {
  const limits = { connectMs: 1000, firstMs: 5000, betweenMs: 5000, wholeMs: 5000, ...options.limits };
  const sleep = async (): Promise<void> => Promise.resolve();
  return new OpenAiEmbedder({
    model: "m",
    endpoint,
    apiKey: null,
    env: {},
    sleep,
    random: () => 0,
    ...options,
    limits,
  });
}

function inputOf({ body }: Seen): string[] {
  return body["input"] as string[];
}

/** Two numbers, by which a text is told from another: its length and 1. */
function vectorOf(text: string): number[] {
  return [text.length, 1];
}

const answering: Behaviour = (response, request) => {
  embeddings(inputOf(request).map(vectorOf))(response, request);
};

/** Answers with `refusal` what is more than it takes. */
function taking({ texts = Infinity, characters = Infinity }, refusal: Behaviour): Behaviour {
  return (response, request) => {
    const input = inputOf(request);
    const isTooMuch = input.length > texts || input.some((text) => text.length > characters);
    (isTooMuch ? refusal : answering)(response, request);
  };
}

function unit(vector: readonly number[]): Float32Array {
  return Float32Array.from(vector, (value) => value / Math.hypot(...vector));
}

/** Texts of different lengths, so that no two vectors are alike. */
function texts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => "a".repeat(i + 1));
}

async function failure(server: ModelServer, options: Partial<OpenAiEmbedderOptions> = {}): Promise<Error> {
  const result = await client(server.endpoint, options)
    .embed(["hello"])
    .catch((error: unknown) => error);
  if (!(result instanceof Error)) throw new Error("it did not fail");
  expect(result).toMatchObject({ name: "LlmError", code: "llm_unavailable" });
  return result;
}

describe("vectors", () => {
  test("are returned in order, with length 1; empty texts and punctuation are not sent", async () => {
    const server = await modelServer([answering]);
    const embedder = client(server.endpoint, { apiKey: "sk-1" });

    const vectors = await embedder.embed(["three", "", " …!? \n", "four", "🙂"]);

    expect(vectors).toEqual([unit([5, 1]), null, null, unit([4, 1]), unit([2, 1])]);
    expect(server.seen).toMatchObject([
      {
        url: "/v1/embeddings",
        headers: { authorization: "Bearer sk-1" },
        body: { model: "m", input: ["three", "four", "🙂"] },
      },
    ]);
    expect(server.seen[0]?.body).not.toHaveProperty("dimensions");
    expect(embedder.dimensions).toBe(2);
  });

  test("of no texts need no server", async () => {
    expect(await client("http://127.0.0.1:9/v1").embed(["", "…"])).toEqual([null, null]);
  });

  const [first, second] = [
    [3, 4],
    [0, 2],
  ];
  const base64 = (vector: readonly number[]): string =>
    Buffer.from(Float32Array.from(vector).buffer).toString("base64");

  test.each([
    [
      "out of order",
      {
        data: [
          { index: 1, embedding: second },
          { index: 0, embedding: first },
        ],
      },
    ],
    [
      "as base64",
      {
        data: [
          { index: 0, embedding: base64(first) },
          { index: 1, embedding: base64(second) },
        ],
      },
    ],
    ["without an index", { data: [{ embedding: first }, { embedding: second }] }],
    ["as Ollama's own", { model: "m", embeddings: [first, second] }],
    [
      "as llama.cpp's own",
      [
        { index: 1, embedding: [second] },
        { index: 0, embedding: [first] },
      ],
    ],
  ])("that are %s are read", async (_, body) => {
    const { endpoint } = await modelServer([json(body)]);

    expect(await client(endpoint).embed(["a", "b"])).toEqual([unit(first), unit(second)]);
  });

  test("keep their direction however tiny", async () => {
    const { endpoint } = await modelServer([embeddings([[3e-200, 4e-200]])]);

    expect(await client(endpoint).embed(["a"])).toEqual([unit([3, 4])]);
  });

  test("half a surrogate pair is replaced before it is sent", async () => {
    const server = await modelServer([answering]);

    await client(server.endpoint).embed(["a\uD83D"]);

    expect(server.seen.map(inputOf)).toEqual([["a\uFFFD"]]);
  });
});

describe("the vector space", () => {
  test.each([
    ["text-embedding-3-small", null, "text-embedding-3-small@1536", 1536],
    ["openai/text-embedding-3-small", null, "text-embedding-3-small@1536", 1536],
    ["text-embedding-3-large", 256, "text-embedding-3-large@256", 256],
    ["nomic-embed-text:latest", null, "nomic-embed-text", null],
    ["/home/me/models/bge-m3-Q8_0.gguf", null, "bge-m3-Q8_0.gguf", null],
    ["C:\\models\\bge-m3.gguf", null, "bge-m3.gguf", null],
    ["BAAI/bge-m3", 1024, "BAAI/bge-m3@1024", 1024],
  ])("of %s with %s dimensions is %s", (model, dimensions, name, known) => {
    expect(client("http://127.0.0.1:9/v1", { model, dimensions })).toMatchObject({ model: name, dimensions: known });
  });

  test("has the same name before and after its length is known", async () => {
    const { endpoint } = await modelServer([answering]);
    const embedder = client(endpoint);
    const before = embedder.model;

    await embedder.embed(["a"]);

    expect(embedder).toMatchObject({ model: before, dimensions: 2 });
  });

  test("requests the chosen length, and refuses longer vectors with the setting to change", async () => {
    const server = await modelServer([answering]);

    const { message } = await failure(server, { dimensions: 3 });

    expect(server.seen[0]?.body).toMatchObject({ dimensions: 3 });
    expect(message).toMatch(
      /m@3 returned a vector of 2 numbers instead of 3.*Nothing was lost; .*embedding_dimensions to 2/,
    );
  });

  test.each([
    [
      "within one answer",
      [
        embeddings([
          [1, 2],
          [1, 2, 3],
        ]),
      ],
    ],
    ["from one answer to the next", [embeddings([[1, 2]]), embeddings([[1, 2, 3]])]],
  ])("does not change %s", async (_, script) => {
    const embedder = client((await modelServer(script)).endpoint);
    const all = script.length === 1 ? ["a", "b"] : ["a"];

    const asked = script.length === 1 ? embedder.embed(all) : embedder.embed(all).then(() => embedder.embed(["b"]));

    await expect(asked).rejects.toThrow(/returned a vector of 3 numbers instead of 2.*another model seems to answer/);
  });

  test.each([
    ["zeros", embeddings([[0, 0]]), /vector of zeros/],
    ["null, which is not a number,", json({ data: [{ index: 0, embedding: [1, null] }] }), /not numbers/],
    ["nothing", embeddings([[]]), /empty vector/],
    ["null for each", recorded("embeddings-none-ollama"), /a vector for each text.*made for embeddings/],
    ["no list", json({ choices: [] }), /did not return a vector for each text/],
    ["half a number", json({ data: [{ index: 0, embedding: "AAA=" }] }), /did not return a vector for each text/],
  ])("a vector of %s is an error", async (_, behaviour, says) => {
    expect((await failure(await modelServer([behaviour]))).message).toMatch(says);
  });
});

describe("many texts", () => {
  test("are sent in parts, by count and by length", async () => {
    const server = await modelServer([answering]);
    const long = Array.from({ length: 3 }, () => "b".repeat(30_000));

    const vectors = await client(server.endpoint).embed([...texts(70), ...long]);

    expect(server.seen.map((request) => inputOf(request).length)).toEqual([32, 32, 7, 1, 1]);
    expect(vectors).toEqual([...texts(70), ...long].map((text) => unit(vectorOf(text))));
  });

  test.each(["tei", "azure", "mistral", "dashscope"])(
    "are sent in smaller parts from then on if the server takes fewer (%s)",
    async (name) => {
      const server = await modelServer([taking({ texts: 10 }, recorded(`embeddings-many-${name}`))]);

      const vectors = await client(server.endpoint).embed(texts(40));

      expect(vectors).toEqual(texts(40).map((text) => unit(vectorOf(text))));
      expect(server.seen.map((request) => inputOf(request).length)).toEqual([32, 16, 8, 8, 8, 8, 8]);
    },
  );

  test.each(["embeddings-tokens-openai", "embeddings-tokens-mistral"])(
    "that are too long together (%s) are sent in smaller parts temporarily",
    async (name) => {
      const server = await modelServer([recorded(name), answering]);

      const vectors = await client(server.endpoint).embed(texts(64));

      expect(vectors).toEqual(texts(64).map((text) => unit(vectorOf(text))));
      expect(server.seen.map((request) => inputOf(request).length)).toEqual([32, 16, 32, 16]);
    },
  );

  test("are sent one by one to a server that embeds only the first", async () => {
    const server = await modelServer([
      (response, request) => {
        embeddings(inputOf(request).slice(0, 1).map(vectorOf))(response, request);
      },
    ]);

    expect(await client(server.endpoint).embed(texts(5))).toEqual(texts(5).map((text) => unit(vectorOf(text))));
    expect(server.seen.slice(-5).every((request) => inputOf(request).length === 1)).toBe(true);
  });

  test("are not mixed up if two have the same index", async () => {
    const server = await modelServer([
      (response, request) => {
        json({ data: inputOf(request).map((text) => ({ index: 0, embedding: vectorOf(text) })) })(response, request);
      },
    ]);

    expect(await client(server.endpoint).embed(texts(3))).toEqual(texts(3).map((text) => unit(vectorOf(text))));
  });
});

describe("a text that is too long for the model", () => {
  test.each(["openai", "ollama", "llama-cpp"])(
    "is embedded by its beginning (%s), and the others whole",
    async (name) => {
      const server = await modelServer([taking({ characters: 100 }, recorded(`embeddings-long-${name}`))]);
      const all = ["short", "x".repeat(390), "also short"];

      const vectors = await client(server.endpoint).embed(all);

      expect(vectors).toEqual([unit([5, 1]), unit([97, 1]), unit([10, 1])]);
    },
  );

  test("is not cut in the middle of a character", async () => {
    const server = await modelServer([taking({ characters: 3 }, recorded("embeddings-long-ollama"))]);

    await client(server.endpoint).embed(["ab🙂cd"]);

    expect(inputOf(server.seen.at(-1) as Seen)).toEqual(["ab"]);
  });

  test("and still is when shortened is an error that says so", async () => {
    const server = await modelServer([recorded("embeddings-long-openai")]);

    const asked = client(server.endpoint).embed(["x".repeat(100_000)]);

    await expect(asked).rejects.toMatchObject({
      name: "LlmError",
      message: expect.stringMatching(/however short the text.*choose an embedding model/),
    });
    expect(server.seen.length).toBe(9);
  });
});

describe("a request", () => {
  const busy = refuse(503, { error: { message: "busy" } });

  test("that may succeed later is retried after the time that the server asks for", async () => {
    const slept: number[] = [];
    const server = await modelServer([busy, refuse(429, {}, { "retry-after": "7" }), answering]);
    const sleep = async (milliseconds: number): Promise<number> => Promise.resolve(slept.push(milliseconds));

    expect(await client(server.endpoint, { sleep }).embed(["a"])).toEqual([unit([1, 1])]);
    expect(slept).toEqual([500, 7000]);
  });

  test("that fails too often is an error that says what is wrong and what to do", async () => {
    const server = await modelServer([busy]);

    expect((await failure(server)).message).toMatch(
      /answered 503: busy, 4 times in a row\. Nothing was lost; try again\./,
    );
    expect(server.seen.length).toBe(4);
  });

  test("is sent only once if nobody wants to wait", async () => {
    const server = await modelServer([busy]);

    await failure(server, { attempts: 1 });

    expect(server.seen.length).toBe(1);
  });

  test.each([
    ["a wrong key", recorded("auth-openai"), /API key/, { apiKey: "sk-wrong-0123" }],
    ["an unknown model", recorded("model-ollama"), /embedding_model \(memgpt configure\)/, {}],
    ["no such path", refuse(404, {}), /has no embeddings at \/v1\/embeddings/, {}],
    ["a model without", recorded("embeddings-off-llama-cpp"), /llama\.cpp: --embeddings/, {}],
    ["a length it cannot give", recorded("embeddings-dimensions-vllm"), /matryoshka/, { dimensions: 64 }],
    [
      "a page",
      recorded("page-nginx", 200),
      /so it is not an API\. Nothing was lost; check the address with embedding_endpoint/,
      {},
    ],
  ])("refused for %s is not retried, and says what to do", async (_, behaviour, says, options) => {
    const server = await modelServer([behaviour]);

    const { message } = await failure(server, options);

    expect(message).toMatch(says);
    expect(message).not.toMatch(/--model|send the message|sk-wrong/);
    expect(server.seen.length).toBe(1);
  });

  test("ends at once when it is interrupted", async () => {
    const stop = new AbortController();
    const server = await modelServer([
      (response, request) => {
        stall()(response, request);
        stop.abort();
      },
    ]);

    await expect(client(server.endpoint).embed(["a"], stop.signal)).rejects.toMatchObject({ name: "AbortError" });
  });

  test("goes through the proxy of the environment", async () => {
    const proxy = await modelServer([answering]);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };

    await client("http://model.test/v1", { env }).embed(["a"]);

    expect(proxy.seen[0]?.url).toBe("http://model.test/v1/embeddings");
  });

  test("to Azure names the deployment and its version, and takes the shorter encoding", async () => {
    const proxy = await modelServer([answering]);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    const options = { env, model: "my-embeddings", apiKey: "azure-key" };

    await client("http://mine.openai.azure.com", options).embed(["a"]);

    expect(proxy.seen[0]).toMatchObject({
      url: "http://mine.openai.azure.com/openai/deployments/my-embeddings/embeddings?api-version=2024-10-21",
      headers: { "api-key": "azure-key" },
      body: { encoding_format: "base64" },
    });
  });

  test("to OpenAI itself needs a key, and any request a valid address", () => {
    expect(() => new OpenAiEmbedder({ model: "m", endpoint: null, apiKey: null })).toThrow(/OPENAI_API_KEY/);
    expect(() => new OpenAiEmbedder({ model: "m", endpoint: "nowhere", apiKey: null })).toThrow(/embedding_endpoint/);
  });
});

test("an endless response is cut off, and fewer texts are tried before that is an error", async () => {
  const endless: Behaviour = (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"data":[{"embedding":[');
    const piece = "0.25,".repeat(20_000);
    const go = (): void => {
      while (!response.destroyed && response.write(piece));
      response.once("drain", go);
    };
    go();
  };
  const { endpoint, seen } = await modelServer([endless]);

  const failure = client(endpoint, { limits: { wholeMs: 60_000 } }).embed(texts(4));

  await expect(failure).rejects.toMatchObject({ code: "answer_unbounded" });
  expect(seen.map((request) => inputOf(request).length)).toEqual([4, 2, 1]);
});
