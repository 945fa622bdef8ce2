import { statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { modelServer, stall } from "../support/model-server.ts";
import { CALLED, FakeModel, modelList, saying } from "./support/fake-model.ts";
import { DOWN, marked, move } from "./support/menu.ts";
import { contents, dataFolder, memgpt, newHome, output, say, homeWith, settingsIn } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const ESC = "\x1b";
const CTRL_C = "\x03";
const KEY = "sk-proj-0123456789abcdefghijWXYZ";

/** Every file of a home, to see that nothing changed. */
function all(home: string): Map<string, string> {
  return contents(home);
}

/** Moves down until the marked line holds `text`, and takes it. */
async function choose(terminal: Terminal, question: string, text: RegExp): Promise<void> {
  // A question and its choices can arrive apart: a key pressed between them would be one too many.
  await terminal.until(() => new RegExp(`\\? ${question}`).test(terminal.text) && marked(terminal) !== "");
  await move(terminal, DOWN, text);
  terminal.write("\r");
}

/** Takes what a question suggests. */
async function accept(terminal: Terminal, question: string | RegExp): Promise<void> {
  await terminal.until(question);
  terminal.write("\r");
}

async function acceptEmbedding(terminal: Terminal): Promise<void> {
  await accept(terminal, /\? How should memory be searched\?[^]*❯ by words and parts of words/);
}

async function acceptAgent(terminal: Terminal): Promise<void> {
  await accept(terminal, /\? Preset of new agents:/);
  await accept(terminal, /\? Persona of new agents:/);
  await accept(terminal, /\? What new agents know about you:/);
}

describe("memgpt configure", () => {
  test("offers a running server with its models and window, tries a function call, and then saves", async () => {
    const home = homeWith({ model: "practice", colour: "red" });
    const model = await FakeModel.start([CALLED, saying("Here I am.")], {
      routes: { "/v1/models": modelList("small", "nomic-embed", { id: "large", context_length: 32_768 }) },
    });
    const env = { MEMGPT_PROBE_PORTS: `ollama=9,lmstudio=${model.port}` };
    const terminal = new Terminal(home, ["configure"], { env });

    await choose(terminal, "Where does the model run", /LM Studio on this machine \(3 models\)/);
    const offered = terminal.text;
    await accept(terminal, new RegExp(`Endpoint:.*${model.url}`));
    await accept(terminal, /Does it need a key\?/);
    await terminal.until(/Model \(type to search[^]*❯ small/);
    terminal.write("lar");
    await terminal.until(/^❯ large/m);
    terminal.write("\r");
    await accept(terminal, /Context window in tokens \(at most 32,768\):.*32768/);
    await acceptEmbedding(terminal);
    await acceptAgent(terminal);
    await terminal.until(/Function calling works\./);
    const before = settingsIn(home, "config.json");
    await accept(terminal, /Save this\?/);

    expect(await terminal.exited()).toBe(0);
    expect(offered).toMatch(/Ollama \(not answering on port 9\)/);
    expect(terminal.text).toMatch(/It answered in \d+\.\d s/);
    expect(before).toEqual({ model: "practice", colour: "red" });
    expect(settingsIn(home, "config.json")).toEqual({
      model: "large",
      colour: "red",
      model_endpoint: model.url,
      context_window: 32_768,
      preset: "memgpt_chat",
    });
    expect(await say(home, "ada", "hi")).toBe("Here I am.");
    expect(model.lookups.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test("accepts any typed endpoint and model, completes a bare host, and stores the hidden key for that endpoint", async () => {
    const home = newHome();
    const model = await FakeModel.start([CALLED, saying("With a key.")], { key: KEY });
    const terminal = new Terminal(home, ["configure"], { isNew: true });

    await choose(terminal, "Where does the model run", /another OpenAI-compatible endpoint/);
    await terminal.until(/\? Endpoint:/);
    terminal.write(`http://127.0.0.1:${model.port}\r`);
    await terminal.until(/Using .*\/v1\.[^]*Does it need a key\?/);
    terminal.write("y\r");
    await terminal.until(/\? Key \(not shown\):/);
    terminal.write(`${KEY}\r`);
    await terminal.until(/Type the model's name instead[^]*\? Model:/);
    terminal.write("my-model\r");
    await accept(terminal, /Context window in tokens \(unknown.*8192/);
    await acceptEmbedding(terminal);
    await acceptAgent(terminal);
    await accept(terminal, /Save this\?/);

    expect(await terminal.exited()).toBe(0);
    expect(terminal.raw).not.toContain(KEY.slice(0, -4));
    expect(terminal.text).toContain("sk-…WXYZ");
    expect(settingsIn(home, "config.json")).toMatchObject({
      model: "my-model",
      model_endpoint: model.url,
      context_window: 8192,
    });
    expect(settingsIn(home, "credentials.json")).toEqual({ keys: { [model.url]: KEY } });
    expect(statSync(dataFolder(home)).mode & 0o777).toBe(0o700);
    expect(statSync(dataFolder(home, "credentials.json")).mode & 0o777).toBe(0o600);
    expect(await say(home, "ada", "hi")).toBe("With a key.");
    const agents = [...contents(dataFolder(home, "agents")).values()].join("");
    expect(agents).not.toContain(KEY);
  });

  test("keeps the answers after a failed test, accepts a new key, and saves nothing before it works", async () => {
    const home = newHome();
    const model = await FakeModel.start([CALLED], { key: KEY });
    const terminal = new Terminal(home, ["configure"], { isNew: true });

    await choose(terminal, "Where does the model run", /another OpenAI-compatible/);
    await terminal.until(/\? Endpoint:/);
    terminal.write(`http://127.0.0.1:${model.port}\r`);
    await terminal.until(/Does it need a key\?/);
    terminal.write("y\r");
    await terminal.until(/\? Key \(not shown\):/);
    terminal.write("a-wrong-key\r");
    await terminal.until(/Type the model's name instead[^]*\? Model:/);
    terminal.write("my-model\r");
    await accept(terminal, /Context window in tokens/);
    await acceptEmbedding(terminal);
    await terminal.until(/❯ memgpt_chat: A companion that remembers/);
    await acceptAgent(terminal);
    await choose(terminal, "What now", /change the model or/);
    await terminal.until(/\? Model:.*my-model/);
    terminal.write("\x15other-model\r");
    await accept(terminal, /Context window in tokens[^]*Context window in tokens/);
    await terminal.until(/That did not work[^]*That did not work[^]*What now/);
    expect(contents(home).size).toBe(0);
    await choose(terminal, "What now", /change the key/);
    await terminal.until(/Key \(not shown\)[^]*\? Key \(not shown\):/);
    terminal.write(`${KEY}\r`);
    await accept(terminal, /Function calling works[^]*Save this\?/);

    expect(await terminal.exited()).toBe(0);
    expect(settingsIn(home, "config.json")).toMatchObject({ model: "other-model", model_endpoint: model.url });
    expect(settingsIn(home, "credentials.json")).toEqual({ keys: { [model.url]: KEY } });
  });

  test("reports what failed, and saves it only if the person insists", async () => {
    const home = newHome();
    const refusal = { error: 404, message: "The model my-model does not exist" };
    const model = await FakeModel.start([refusal, refusal, refusal, refusal], {
      routes: { "/v1/models": modelList("other") },
    });
    const terminal = new Terminal(home, ["configure"], {
      isNew: true,
      env: { MEMGPT_PROBE_PORTS: `vllm=${model.port}` },
    });

    await accept(terminal, /Where does the model run[^]*❯ vLLM/);
    await accept(terminal, /\? Endpoint:/);
    await accept(terminal, /Does it need a key\?/);
    await terminal.until(/Model \(type to search/);
    terminal.write("my-model");
    await terminal.until(/^❯ as typed: my-model/m);
    terminal.write("\r");
    await accept(terminal, /Context window in tokens/);
    await acceptEmbedding(terminal);
    await acceptAgent(terminal);
    await terminal.until(/That did not work: .*(my-model|404)/);
    await choose(terminal, "What now", /exit without saving/);

    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).toContain("Nothing was changed.");
    expect(() => settingsIn(home, "config.json")).toThrow(/ENOENT/);
  });

  test("asks for no endpoint with the practice model, and moves a key out of config.json", async () => {
    const home = homeWith({ openai_api_key: KEY });
    const terminal = new Terminal(home, ["configure"]);

    await choose(terminal, "Where does the model run", /practice model/);
    await acceptEmbedding(terminal);
    await acceptAgent(terminal);
    await accept(terminal, /Save this\?/);

    expect(await terminal.exited()).toBe(0);
    expect(settingsIn(home, "config.json")).toEqual({ model: "practice", preset: "memgpt_chat" });
    expect(settingsIn(home, "credentials.json")).toEqual({ openai_api_key: KEY, keys: {} });
    expect(terminal.raw).not.toContain(KEY);
  });

  test("finds an embedding model on the model's server, tries it with one text, and uses it for new agents", async () => {
    const home = newHome();
    const embedding = { object: "embedding", index: 0, embedding: [3, 4] };
    const model = await FakeModel.start([CALLED, saying("Here I am.")], {
      routes: {
        "/v1/models": modelList("chatty", "nomic-embed-text"),
        "/v1/embeddings": { object: "list", data: [embedding] },
      },
    });
    const terminal = new Terminal(home, ["configure"], {
      isNew: true,
      env: { MEMGPT_PROBE_PORTS: `ollama=${model.port}` },
    });

    await accept(terminal, /Where does the model run[^]*❯ Ollama/);
    await accept(terminal, /\? Endpoint:/);
    await accept(terminal, /Does it need a key\?/);
    await accept(terminal, /Model \(type to search[^]*❯ chatty/);
    await accept(terminal, /Context window in tokens/);
    await choose(terminal, "How should memory be searched", /OpenAI-compatible/);
    await accept(terminal, new RegExp(`Embedding endpoint:.*${model.url}`));
    await accept(terminal, /Embedding model \(type to search[^]*❯ nomic-embed-text/);
    await acceptAgent(terminal);
    await accept(terminal, /It returned 2 dimensions in \d+\.\d s\.[^]*Save this\?/);

    expect(await terminal.exited()).toBe(0);
    expect(terminal.text).toMatch(/Agents are stored in .*agents, each in a SQLite database/);
    expect(settingsIn(home, "config.json")).toMatchObject({ embedding: "openai", embedding_model: "nomic-embed-text" });
    expect(settingsIn(home, "config.json")).not.toHaveProperty("embedding_endpoint");
    await say(home, "ada", "hi");
    const checkpoints = [...contents(dataFolder(home, "agents", "ada", "agent_state")).values()].join("");
    expect(checkpoints).toContain(model.url);
    expect(checkpoints).toMatch(/"provider": ?"openai",\s*"model": ?"nomic-embed-text"/);
  });

  test("accepts another embedding server, its key and a typed model, and reports what fails", async () => {
    const home = newHome();
    const embedder = await FakeModel.start([], { key: KEY });
    const terminal = new Terminal(home, ["configure"], { isNew: true });

    await choose(terminal, "Where does the model run", /practice model/);
    await choose(terminal, "How should memory be searched", /OpenAI-compatible/);
    await terminal.until(/Embedding endpoint:.*https:\/\/api\.openai\.com\/v1/);
    terminal.write(`\x15http://127.0.0.1:${embedder.port}\r`);
    await terminal.until(/Does it need a key\?/);
    terminal.write("y\r");
    await terminal.until(/\? Key \(not shown\):/);
    terminal.write(`${KEY}\r`);
    await terminal.until(/Type the model's name instead[^]*\? Embedding model:/);
    terminal.write("my-embedder\r");
    await acceptAgent(terminal);
    await terminal.until(/That did not work: .*(no such route|404)[^]*What now/);
    await choose(terminal, "What now", /save it anyway/);

    expect(await terminal.exited()).toBe(0);
    expect(terminal.raw).not.toContain(KEY.slice(0, -4));
    expect(settingsIn(home, "config.json")).toMatchObject({
      model: "practice",
      embedding: "openai",
      embedding_model: "my-embedder",
      embedding_endpoint: embedder.url,
    });
    expect(settingsIn(home, "credentials.json")).toEqual({ keys: { [embedder.url]: KEY } });
  });

  test("reports a missing package for a local model, and how to install it", async () => {
    const home = homeWith({ embedding: "local", embedding_model: "me/small" });
    const terminal = new Terminal(home, ["configure"]);

    await choose(terminal, "Where does the model run", /practice model/);
    await accept(terminal, /How should memory be searched\?[^]*❯ by meaning, with any model in this process/);
    await accept(terminal, /Embedding model, by its huggingface\.co name:.*me\/small/);
    await acceptAgent(terminal);
    await terminal.until(/npm install\s+@huggingface\/transformers[^]*What now/);
    await choose(terminal, "What now", /exit without saving/);

    expect(await terminal.exited()).toBe(0);
    expect(settingsIn(home, "config.json")).toEqual({ embedding: "local", embedding_model: "me/small" });
  });

  const PLACES = [
    "place",
    "endpoint",
    "key",
    "hidden key",
    "model",
    "window",
    "embedding",
    "preset",
    "test",
    "save",
  ] as const;
  const CASES = PLACES.flatMap((place) => [
    [CTRL_C, place] as const,
    ...(place === "test" ? [] : [[ESC, place] as const]),
  ]);

  test.each(CASES)("pressing %j at the question for the %s cancels without changes", async (leave, place) => {
    const home = homeWith({ model: "old", model_endpoint: "http://127.0.0.1:9/v1", openai_api_key: KEY });
    const before = all(home);
    const script = place === "test" ? [{ begin: "never" }] : [CALLED];
    const model = await FakeModel.start(script, { routes: { "/v1/models": modelList("one") } });
    const terminal = new Terminal(home, ["configure"], { env: { MEMGPT_PROBE_PORTS: `llamacpp=${model.port}` } });
    const goTo = async (): Promise<void> => {
      await terminal.until(/Where does the model run/);
      if (place === "place") return;
      await choose(terminal, "Where does the model run", /llama\.cpp on this machine/);
      await terminal.until(/\? Endpoint:/);
      if (place === "endpoint") return;
      terminal.write("\r");
      await terminal.until(/Does it need a key\?/);
      if (place === "key") return;
      terminal.write(place === "hidden key" ? "y\r" : "\r");
      if (place === "hidden key") {
        await terminal.until(/Key \(not shown\)/);
        return;
      }
      await terminal.until(/Model \(type to search[^]*❯ one/);
      if (place === "model") return;
      terminal.write("\r");
      await terminal.until(/Context window in tokens/);
      if (place === "window") return;
      terminal.write("\r");
      await terminal.until(/How should memory be searched/);
      if (place === "embedding") return;
      await acceptEmbedding(terminal);
      await terminal.until(/Preset of new agents/);
      if (place === "preset") return;
      await acceptAgent(terminal);
      if (place === "test") await model.asked(1);
      else await terminal.until(/Save this\?/);
    };
    await goTo();

    terminal.write(leave);

    expect(await terminal.exited()).toBe(130);
    expect(terminal.text).toContain("Cancelled: nothing was changed.");
    expect(terminal.text).not.toMatch(/bug in memgpt|\n\s+at /);
    expect(all(home)).toEqual(before);
  });

  test.each([
    [CTRL_C, "endpoint"],
    [ESC, "model"],
    [CTRL_C, "test"],
  ])("pressing %j at the %s of the embedding cancels without changes", async (leave, place) => {
    const home = homeWith({ model: "practice" });
    const before = all(home);
    const silent = await modelServer([stall()]);
    const terminal = new Terminal(home, ["configure"]);
    await choose(terminal, "Where does the model run", /practice model/);
    await choose(terminal, "How should memory be searched", /OpenAI-compatible/);
    await terminal.until(/\? Embedding endpoint:/);
    if (place !== "endpoint") {
      terminal.write(`\x15${silent.endpoint}\r`);
      await accept(terminal, /Does it need a key\?/);
      await terminal.until(/\? Embedding model:/);
    }
    if (place === "test") {
      terminal.write("my-embedder\r");
      await acceptAgent(terminal);
      await terminal.until(/Asking my-embedder to embed a text/);
    }

    terminal.write(leave);

    expect(await terminal.exited()).toBe(130);
    expect(terminal.text).toContain("Cancelled: nothing was changed.");
    expect(all(home)).toEqual(before);
  });

  test("names the alternatives without a terminal", async () => {
    const { code, stderr } = await memgpt(newHome(), ["configure"]);

    expect(code).toBe(2);
    expect(stderr).toMatch(/configure set.*quickstart/);
  });
});

describe("memgpt configure --show-origin", () => {
  test("prints every setting with its value and source, but no key", async () => {
    const home = homeWith({ model: "m", extra_body: { api_key: KEY }, openai_api_key: KEY });
    const env = { MEMGPT_MODEL_ENDPOINT: "http://127.0.0.1:9/v1", OPENROUTER_API_KEY: `or-${KEY}` };
    await memgpt(home, ["configure", "set", "api_key", "-", "--endpoint", "https://openrouter.ai/api/v1"], {
      input: KEY,
    });

    const text = await output(home, ["configure", "--show-origin"], { env });
    const json: unknown = JSON.parse(await output(home, ["configure", "--show-origin", "--json"], { env }));

    expect(text).toMatch(/^model +m +file$/m);
    expect(text).toMatch(/^model_endpoint +http:\/\/127\.0\.0\.1:9\/v1 +environment, MEMGPT_MODEL_ENDPOINT$/m);
    expect(text).toMatch(/^context_window +8192 +default$/m);
    expect(text).toMatch(/^openai_api_key +sk-…WXYZ +file$/m);
    expect(text).toMatch(/^key for https:\/\/openrouter.* +…WXYZ +OPENROUTER_API_KEY$/m);
    expect(json).toMatchObject({
      home: dataFolder(home),
      settings: expect.arrayContaining([
        { key: "model", value: "m", from: "file" },
        { key: "openai_api_key", value: "sk-…WXYZ", from: "file" },
      ]),
      // OpenAI's key is not for another server.
      keys: expect.arrayContaining([{ endpoint: "http://127.0.0.1:9/v1", key: null, from: null }]),
    });
    expect(text + JSON.stringify(json)).not.toContain(KEY.slice(3, -4));
  });
});

describe("memgpt configure set", () => {
  test("changes one setting, keeps the rest, and names the old value", async () => {
    const home = homeWith({ colour: "red", seed: 5 });

    const set = await output(home, ["configure", "set", "context_window", "16384"]);
    await output(home, ["configure", "set", "model", "gpt-4o"]);
    const unset = await output(home, ["configure", "set", "seed", "--unset"]);
    await output(home, ["configure", "set", "extra_body", '{"top_k":20}']);
    await output(home, ["configure", "set", "model", "null"]);
    const secrets = await output(home, ["configure", "set", "secrets", "keep"]);
    await output(home, ["configure", "set", "secrets", "--unset"]);

    expect(secrets).toMatch(/secrets is now keep; it was ask/);
    expect(set).toMatch(/context_window is now 16384; it was 8192/);
    expect(unset).toMatch(/seed is now the default, null; it was 5/);
    expect(settingsIn(home, "config.json")).toEqual({
      colour: "red",
      context_window: 16_384,
      extra_body: { top_k: 20 },
    });
  });

  test("accepts one text for a list setting", async () => {
    const home = newHome();

    await output(home, ["configure", "set", "allowed_folders", "/srv/notes"]);

    expect(settingsIn(home, "config.json")).toEqual({ allowed_folders: ["/srv/notes"] });
  });

  test("says which agents a new embedding applies to, and what it still needs", async () => {
    const home = homeWith({ model: "m", model_endpoint: "http://127.0.0.1:9/v1" });

    const provider = await output(home, ["configure", "set", "embedding", "openai"]);
    const model = await output(home, ["configure", "set", "embedding_model", "nomic-embed-text"]);
    const endpoint = await output(home, ["configure", "set", "embedding_endpoint", "http://127.0.0.1:9/v1/"]);
    const length = await memgpt(home, ["configure", "set", "embedding_dimensions", "0"]);
    const shown = await output(home, ["configure", "--show-origin"], { env: { MEMGPT_EMBEDDING: "local" } });

    expect(provider).toMatch(/embedding is now openai; it was hash[^]*no model is named.*set embedding_model NAME/);
    expect(model).toMatch(/It applies to new agents; `memgpt reindex NAME`/);
    expect(endpoint).toMatch(/embedding_endpoint is now http:\/\/127\.0\.0\.1:9\/v1;/);
    expect(length).toMatchObject({ code: 2, stderr: expect.stringMatching(/embedding_dimensions: /) });
    expect(shown).toMatch(/^embedding +local +environment, MEMGPT_EMBEDDING$/m);
    expect(shown).toMatch(/^embedding_model +nomic-embed-text +file$/m);
    expect(shown).toMatch(/^key for http:\/\/127\.0\.0\.1:9\/v1 +none +-$/m);
  });

  test("warns if an environment variable overrides the setting", async () => {
    const set = await output(newHome(), ["configure", "set", "model", "b"], { env: { MEMGPT_MODEL: "a" } });

    expect(set).toMatch(/MEMGPT_MODEL=a in the environment overrides model/);
  });

  test("stores keys in credentials.json, also from standard input, and shows only their ends", async () => {
    const home = homeWith({ openai_api_key: "sk-old-in-config" });

    const typed = await memgpt(home, ["configure", "set", "openai_api_key", "-"], { input: `${KEY}\n` });
    const other = await output(home, ["configure", "set", "api_key", KEY, "--endpoint", "http://127.0.0.1:9/v1"]);
    const gone = await output(home, ["configure", "set", "api_key", "--unset", "--endpoint", "http://127.0.0.1:9/v1"]);

    expect(typed).toMatchObject({ code: 0, stdout: expect.stringContaining("sk-…WXYZ") });
    expect(gone).toMatch(/removed/);
    expect(typed.stdout + typed.stderr + other).not.toContain(KEY);
    expect(settingsIn(home, "config.json")).toEqual({});
    expect(settingsIn(home, "credentials.json")).toEqual({ openai_api_key: KEY, keys: {} });
  });

  test.each([
    [["contxt_window", "5000"], /Did you mean context_window\?/],
    [["context_window", "12"], /context_window: it must be \d+ or more \(got 12\)\./],
    [["context_window", "abc"], /context_window: it must be a number \(got "abc"\)\./],
    [["allowed_folders", "[/srv"], /allowed_folders: it must be a list, such as \["NAME"\] \(got "\[\/srv"\)\./],
    [["quarantine", "maybe"], /quarantine: it must be one of off, warn, on \(got "maybe"\)\./],
    [["prices", '{"m": {"input": "1"}}'], /prices: m\.input must be a number \(got "1"\)\./],
    [["model"], /needs a value/],
    [["model", "a", "--unset"], /not both/],
    [["persona", "nobody"], /Available: .*sam_pov/],
    [["model_endpoint", "nowhere"], /URL/],
    [["api_key", "two words"], /without spaces/],
    [["model", "m", "--endpoint", "http://127.0.0.1:9"], /works only with api_key/],
  ])("refuses %j with the reason and saves nothing", async (args, says) => {
    const home = newHome();

    const { code, stderr } = await memgpt(home, ["configure", "set", ...args]);

    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/bug in memgpt|\n\s+at /);
    expect(contents(home).size).toBe(0);
  });
});

describe("memgpt quickstart", () => {
  test("uses a local server's first chat model and reported window", async () => {
    const home = homeWith({ colour: "red" });
    const model = await FakeModel.start([saying("Quickly started.")], {
      routes: {
        "/v1/models": modelList("nomic-embed-text", "llama3.2:3b"),
        "/api/show": { model_info: { "llama.context_length": 131_072 } },
      },
    });

    const text = await output(home, ["quickstart", "--backend", "ollama"], {
      env: { MEMGPT_PROBE_PORTS: `ollama=${model.port}`, OPENAI_API_KEY: KEY },
    });

    expect(text).toMatch(/Wrote .*config\.json: model llama3\.2:3b, .*memgpt run/s);
    expect(settingsIn(home, "config.json")).toEqual({
      colour: "red",
      model: "llama3.2:3b",
      model_endpoint: model.url,
      context_window: 16_384,
    });
    expect(model.lookups.every(({ authorization }) => authorization === undefined)).toBe(true);
    expect(await say(home, "ada", "hi")).toBe("Quickly started.");
  });

  test("names the key that a service needs; the practice model needs none", async () => {
    const home = newHome();

    const openAi = await output(home, ["quickstart", "--backend", "openai"]);
    const written = settingsIn(home, "config.json");
    await output(home, ["quickstart", "--backend", "groq", "--model", "m"]);
    const groq = settingsIn(home, "config.json");
    const practice = await output(home, ["quickstart", "--backend", "practice"]);
    const embedded = await output(newHome(), ["quickstart", "--backend", "practice", "--embedding", "openai"]);

    expect(openAi).toMatch(/OPENAI_API_KEY.*configure set openai_api_key -/);
    expect(written).toEqual({ model: "gpt-4.1-mini", context_window: 131_072 });
    expect(groq).toMatchObject({ model: "m", model_endpoint: "https://api.groq.com/openai/v1" });
    expect(practice).not.toMatch(/key/i);
    expect(practice).toMatch(/Run `memgpt run`/);
    expect(embedded).toMatch(/OpenAI, which embeds, needs a key: set OPENAI_API_KEY.*configure set openai_api_key -/);
    expect(embedded).toMatch(/Run `memgpt run`/);
    expect(settingsIn(home, "config.json")).toMatchObject({ model: "practice" });
    expect(settingsIn(home, "config.json")).not.toHaveProperty("model_endpoint");
  });

  test("sets up a requested embedding, and returns to the built-in one when its server is replaced", async () => {
    const home = newHome();
    const model = await FakeModel.start([], { routes: { "/v1/models": modelList("chatty", "all-minilm") } });
    const bare = await FakeModel.start([], { routes: { "/v1/models": modelList("chatty") } });
    const env = { MEMGPT_PROBE_PORTS: `ollama=${model.port},vllm=${bare.port}` };

    await output(home, ["quickstart", "--backend", "ollama", "--embedding", "openai"], { env });
    const asked = settingsIn(home, "config.json");
    const none = await memgpt(home, ["quickstart", "--backend", "vllm", "--embedding", "openai"], { env });
    const kept = settingsIn(home, "config.json");
    await output(home, ["quickstart", "--backend", "ollama"], { env });
    const again = settingsIn(home, "config.json");
    await output(home, ["quickstart", "--backend", "vllm"], { env });

    expect(asked).toMatchObject({ model: "chatty", embedding: "openai", embedding_model: "all-minilm" });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/vLLM lists no embedding model/) });
    expect([kept, again]).toEqual([asked, asked]);
    expect(settingsIn(home, "config.json")).not.toHaveProperty("embedding");
    expect(settingsIn(home, "config.json")).not.toHaveProperty("embedding_model");
  });

  test("identifies the server at a URL, uses its model and window, and completes a bare address", async () => {
    const llama = await FakeModel.start([saying("Quickly started.")], {
      routes: {
        "/v1/models": modelList("nomic-embed-text", "qwen3-8b"),
        "/props": { default_generation_settings: { n_ctx: 12_288 } },
      },
    });
    const ollama = await FakeModel.start([], {
      routes: {
        "/v1/models": modelList("llama3.2:3b"),
        "/api/version": { version: "0.9.1" },
        "/api/show": { model_info: { "llama.context_length": 131_072 } },
      },
    });
    const other = await FakeModel.start([], { routes: { "/proxy/v1/models": modelList("a", "b") }, key: KEY });
    const [home, second, third] = [newHome(), newHome(), newHome()];
    await output(third, ["configure", "set", "api_key", "-", "--endpoint", `http://127.0.0.1:${other.port}/proxy`], {
      input: KEY,
    });

    const found = await output(home, ["quickstart", llama.url], { env: { OPENAI_API_KEY: KEY } });
    const bare = await output(second, ["quickstart", `http://127.0.0.1:${ollama.port}/`]);
    const below = await output(third, ["quickstart", `http://127.0.0.1:${other.port}/proxy`, "--model", "b"]);

    expect(found).toContain(`Found llama.cpp at ${llama.url} with 2 models (--model NAME picks another).`);
    expect(settingsIn(home, "config.json")).toEqual({
      model: "qwen3-8b",
      model_endpoint: llama.url,
      context_window: 12_288,
    });
    expect(llama.lookups.every(({ authorization }) => authorization === undefined)).toBe(true);
    expect(await say(home, "ada", "hi")).toBe("Quickly started.");
    expect(bare).toContain(`Found Ollama at ${ollama.url} with 1 model.`);
    expect(settingsIn(second, "config.json")).toMatchObject({ model_endpoint: ollama.url, context_window: 16_384 });
    expect(below).toContain("Found an OpenAI-compatible server at ");
    expect(settingsIn(third, "config.json")).toMatchObject({
      model: "b",
      model_endpoint: `http://127.0.0.1:${other.port}/proxy/v1`,
    });
  });

  test.each([
    [["http://me:hunter2@127.0.0.1:9/v1"], 2, /name or password.*Nothing was changed/],
    [["http://127.0.0.1:9/v1"], 1, /Cannot reach http:\/\/127\.0\.0\.1:9.*Nothing was changed: start .*--model/],
    [["localhost"], 2, /Expected a URL/],
    [["https://mine.openai.azure.com/openai"], 2, /api-version.*memgpt configure/],
    [[], 2, /by a URL or by --backend/],
    [["http://127.0.0.1:9/v1", "--backend", "ollama"], 2, /not both/],
  ])("with %j exits with %i, gives advice and saves nothing", async (args, exit, says) => {
    const home = newHome();

    const { code, stdout, stderr } = await memgpt(home, ["quickstart", ...args]);

    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/hunter2/);
    expect(contents(home).size).toBe(0);
  });

  test("says how to store the key that a server needs", async () => {
    const { url } = await FakeModel.start([], { key: KEY });

    const { code, stderr } = await memgpt(newHome(), ["quickstart", url], { env: { OPENAI_API_KEY: KEY } });

    expect(code).toBe(1);
    expect(stderr).toContain(`store its key with \`memgpt configure set api_key - --endpoint ${url}\``);
    expect(stderr).not.toContain(KEY);
  });

  test("saves nothing and gives advice if a server is unreachable or has no model", async () => {
    const home = newHome();
    const empty = await FakeModel.start([], { routes: { "/v1/models": modelList() } });

    const away = await memgpt(home, ["quickstart", "--backend", "vllm"], { env: { MEMGPT_PROBE_PORTS: "vllm=9" } });
    const none = await memgpt(home, ["quickstart", "--backend", "lmstudio"], {
      env: { MEMGPT_PROBE_PORTS: `lmstudio=${empty.port}` },
    });
    const unknown = await memgpt(home, ["quickstart", "--backend", "skynet"]);

    expect(away).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/127\.0\.0\.1:9.*start vLLM, or pass --model/),
    });
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/LM Studio has no model yet/) });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringMatching(/ollama/) });
    expect(contents(home).size).toBe(0);
  });
});
