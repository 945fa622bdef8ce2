import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Agent, type Message, MemGPTError } from "memgpt";
import { completeSlash, runSlashCommand } from "../../src/cli/slash/dispatch.ts";
import { SLASH_COMMANDS } from "../../src/cli/slash/commands.ts";
import { readImport } from "../../src/imports/read.ts";
import { parseAnswer } from "../../src/llm/json-functions/parse.ts";
import { repaired } from "../../src/llm/json-functions/repair.ts";
import { AnswerCollector } from "../../src/llm/openai/answer.ts";
import { readLines } from "../../src/llm/openai/lines.ts";
import { envelopeText, spokenText, withEnvelopeText } from "../../src/memory/envelope.ts";
import { matchesIn } from "../../src/search/matches.ts";
import { parseQuery } from "../../src/search/query.ts";
import { loadConfig } from "../../src/settings/load-config.ts";
import { checkpointText, readCheckpointText } from "../../src/storage/files/checkpoint-text.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import { findSuspicion } from "../../src/trust/poison/find-suspicion.ts";
import { findSecrets } from "../../src/trust/secrets/find-secrets.ts";
import { FUNCTIONS } from "../llm/json-functions/support.ts";
import { anyJson, anyText, mangled } from "./inputs.ts";
import { nobody } from "./nobody.ts";

/** What is given arbitrary input. It may refuse it with a `MemGPTError`, and throws anything else where it is wrong. */
export type Target = {
  readonly name: string;
  readonly property: (world: World) => fc.IAsyncProperty<[unknown]>;
};

/** `folder`: for files. */
export type World = { readonly agent: Agent; readonly folder: string };

const ANSWER =
  '{"thoughts": "t", "function": "core_memory_append", "arguments": {"name": "human", "content": "It\'s \\"x\\".", "request_heartbeat": true}}';
const CHUNK =
  'data: {"choices":[{"index":0,"delta":{"content":"Hi","tool_calls":[{"index":0,"id":"a","function":{"name":"send_message","arguments":"{}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\n';
const AGENT_FILE = JSON.stringify({
  agents: [{ name: "a", system: "s", block_ids: ["b"], messages: [{ role: "user", content: "hi", tool_calls: null }] }],
  blocks: [{ id: "b", label: "human", value: "v", limit: 9 }],
  tools: [{ name: "t", source_code: "x" }],
});
const CONFIG = JSON.stringify({
  model: "m",
  context_window: 8192,
  prices: { m: { input: 1, output: 2 } },
  secrets: "ask",
});

export const TARGETS: readonly Target[] = [
  target("what a model answers as text", mangled(fc.oneof(fc.constant(ANSWER), anyText)), (text) => {
    parseAnswer(text, FUNCTIONS);
  }),
  target(
    "the repair of JSON",
    mangled(
      fc.oneof(
        fc.constant(ANSWER),
        anyJson.map((it) => JSON.stringify(it)),
      ),
    ),
    (text) => {
      repaired(text);
    },
  ),
  target("a stream of a model's answer", fc.array(mangled(fc.constant(CHUNK)), { maxLength: 6 }), async (pieces) => {
    const collector = new AnswerCollector();
    for await (const line of readLines(bytes(pieces.join("")), 1_000_000)) {
      try {
        collector.push(JSON.parse(line.replace(/^data: /, "")));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
  }),
  target("a chunk of any shape", anyJson, (chunk) => {
    new AnswerCollector().push(chunk);
  }),
  target("a checkpoint", fc.tuple(fc.nat(), anyText), ([place, noise], { agent }) => {
    const written = { time: "2026-11-01T00:00:00.000Z", op: 1, name: null, after: null };
    const text = checkpointText({ ...written, state: { ...agent.state } });
    const at = place % text.length;
    readCheckpointText(text.slice(0, at) + noise + text.slice(at + noise.length));
  }),
  target(
    "an agent file or another export",
    mangled(
      fc.oneof(
        fc.constant(AGENT_FILE),
        anyJson.map((it) => JSON.stringify(it)),
        anyText,
      ),
    ),
    (text) => {
      readImport("export.json", text);
    },
  ),
  target(
    "a configuration",
    mangled(
      fc.oneof(
        fc.constant(CONFIG),
        anyJson.map((it) => JSON.stringify(it)),
      ),
    ),
    (text, { folder }) => {
      const home = homeAt(join(folder, "settings"), {});
      mkdirSync(join(folder, "settings"), { recursive: true });
      writeFileSync(home.configFile, text);
      loadConfig(home, {});
    },
  ),
  target("a query", anyText, async (query, { agent }) => {
    parseQuery(query);
    matchesIn(query, query);
    for (const where of ["recall", "archival"] as const) await agent.find({ query, in: where, size: 3 });
    await agent.findAll({ query, size: 3 });
  }),
  target(
    "a slash command",
    fc.tuple(fc.constantFrom("", ...Object.keys(SLASH_COMMANDS).filter(isHarmless)), anyText),
    async ([name, rest], { agent }) => {
      const line = `/${name} ${rest.replace(/\r?\n/g, " ")}`;
      completeSlash(line, { agent, agents: nobody.agents });
      await runSlashCommand(line, { agent, ...nobody });
    },
  ),
  target(
    "an envelope",
    fc.tuple(mangled(fc.constant('{"type":"user_message","message":"hi","time":"now"}')), anyText),
    ([content, text]) => {
      envelopeText(content);
      withEnvelopeText(content, text);
      const message: Message = {
        id: "m",
        createdAt: "2026-11-01T00:00:00.000Z",
        role: "user",
        event: "user_message",
        content,
      };
      spokenText(message);
    },
  ),
  target("what goes into memory", mangled(fc.oneof(anyText, fc.constant(ANSWER))), async (text) => {
    findSuspicion(text, text.slice(0, 50));
    await findSecrets(text);
  }),
];

function target<T>(name: string, input: fc.Arbitrary<T>, run: (value: T, world: World) => unknown): Target {
  const property = (world: World): fc.IAsyncProperty<[unknown]> =>
    fc.asyncProperty(input, async (value) => {
      try {
        await run(value, world);
      } catch (error) {
        if (!(error instanceof MemGPTError)) throw error;
      }
    });
  return { name, property };
}

/** Those that end the session or replace the agent have nothing to parse. */
function isHarmless(name: string): boolean {
  return !["exit", "quit", "new", "switch", "incognito", "export", "wipe", "load", "clear"].includes(name);
}

async function* bytes(text: string): AsyncGenerator<Uint8Array, void, void> {
  const encoded = new TextEncoder().encode(text);
  for (let at = 0; at < encoded.length; at += 7) yield encoded.subarray(at, at + 7);
}
