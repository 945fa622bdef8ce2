import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { temporaryFolder, testHome } from "../support/agents.ts";

const AGENT = { name: "sam", system: "", block_ids: ["block-0"], messages: [] };
const BLOCK = { id: "block-0", label: "human", value: "Kim." };
const agentFile = (more: object, agent: object = {}): object => ({
  agents: [{ ...AGENT, ...agent }],
  blocks: [BLOCK],
  ...more,
});
const legacy = (more: object): object => ({ core_memory: [BLOCK], messages: [], tools: [], ...more });
const chat = (more: object): object => ({ title: "Trip", mapping: {}, ...more });
const node = (message: object): object => ({ mapping: { a: { parent: null, message } } });
const claude = (message: object): object => ({
  name: "Trip",
  chat_messages: [{ sender: "human", text: "Hi.", ...message }],
});
const lines = (...rows: readonly unknown[]): string =>
  rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n");
const said = (more: object = {}): object => ({ role: "user", content: "Hi.", time: "2025-01-01T00:00:00Z", ...more });
const entity = (more: object = {}): object => ({
  type: "entity",
  name: "Ana",
  entityType: "person",
  observations: [],
  ...more,
});

type Row = readonly [what: string, file: string, content: unknown, place: string, reason: RegExp];

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  "an agent file": [
    ["cut off", "a.af", '{\n  "agents": [\n    {"name": "sam"', "line 3, column 19", /it ends in the middle/],
    ["a letter too many", "a.af", '{\n  "agents": [x],\n  "blocks": []\n}', "line 2, column 14", /not JSON/],
    ["no agents", "a.af", { agents: [], blocks: [] }, "agents", /it holds no agent/],
    ["agents that are no list", "a.af", { agents: {}, blocks: [] }, "agents", /expected array, received object/],
    ["an agent that is text", "a.af", { agents: ["sam"], blocks: [] }, "agents[0]", /expected object/],
    ["a name that is a number", "a.af", agentFile({}, { name: 7 }), "agents[0].name", /expected string/],
    [
      "a block without a label",
      "a.af",
      agentFile({ blocks: [{ id: "block-0", value: "" }] }),
      "blocks[0].label",
      /expected string/,
    ],
    [
      "a label without a letter",
      "a.af",
      agentFile({ blocks: [{ ...BLOCK, label: "!" }] }),
      'block "!"',
      /no letter or digit/,
    ],
    ["a limit below 1", "a.af", agentFile({ blocks: [{ ...BLOCK, limit: 0 }] }), "blocks[0].limit", />0/],
    [
      "two blocks of one label",
      "a.af",
      agentFile({ blocks: [BLOCK, { ...BLOCK, id: "block-1" }] }, { block_ids: ["block-0", "block-1"] }),
      'block "human"',
      /two blocks/,
    ],
    [
      "a block that is not there",
      "a.af",
      agentFile({}, { block_ids: ["block-9"] }),
      "agents[0].block_ids",
      /none with the id "block-9"/,
    ],
    [
      "a message without a role",
      "a.af",
      agentFile({}, { messages: [{ content: "Hi." }] }),
      "agents[0].messages[0].role",
      /expected string/,
    ],
    [
      "a message whose content is a number",
      "a.af",
      agentFile({}, { messages: [{ role: "user", content: 7 }] }),
      "agents[0].messages[0].content",
      /./,
    ],
    [
      "a message at no time",
      "a.af",
      agentFile({}, { messages: [{ role: "user", content: "Hi.", created_at: "soon" }] }),
      "agents[0].messages[0].created_at",
      /"soon" is not a time/,
    ],
    [
      "a call without a function",
      "a.af",
      agentFile({}, { messages: [{ role: "assistant", content: [], tool_calls: [{}] }] }),
      "agents[0].messages[0].tool_calls[0].function",
      /expected object/,
    ],
    [
      "a passage without a text",
      "a.af",
      agentFile({}, { memgpt: { version: 1, passages: [{}] } }),
      "agents[0].memgpt.passages[0].text",
      /expected string/,
    ],
    ["a skill without a name", "a.af", agentFile({ skills: [{ files: {} }] }), "skills[0].name", /expected string/],
    ["JSON in JSON that is cut off", "a.af", JSON.stringify('{"agents": ['), "", /not an export that memgpt knows/],
    ["the older form, without messages", "a.af", legacy({ messages: undefined }), "messages", /expected array/],
    [
      "the older form, a block without a value",
      "a.af",
      legacy({ core_memory: [{ label: "human" }] }),
      "core_memory[0].value",
      /expected string/,
    ],
  ],
  "an export of ours": [
    ["cut off", "e.json", '{"version": 1, "agent": {', "line 1, column 26", /it ends in the middle/],
    ["without messages", "e.json", { version: 1, agent: {}, passages: [] }, "agent.id", /./],
    ["of no version", "e.json", { version: "1", agent: {}, passages: [] }, "version", /expected number/],
  ],
  "ChatGPT's conversations.json": [
    [
      "cut off",
      "conversations.json",
      '[{"title": "Trip",\n "mapping": {',
      "line 2, column 14",
      /it ends in the middle/,
    ],
    [
      "a conversation without messages",
      "conversations.json",
      [chat({}), { title: "Trip" }],
      "[1].mapping",
      /expected record/,
    ],
    [
      "a message without an author",
      "conversations.json",
      [node({ content: { parts: ["Hi."] } })],
      "[0].mapping.a.message.author",
      /expected object/,
    ],
    [
      "a message at no time",
      "conversations.json",
      [node({ author: { role: "user" }, create_time: 1e300, content: { parts: ["Hi."] } })],
      "[0].mapping.a.message.create_time",
      /is not a time/,
    ],
    [
      "a message without content",
      "conversations.json",
      [node({ author: { role: "user" } })],
      "[0].mapping.a.message.content",
      /expected object/,
    ],
    ["a zip that is damaged", "c.zip", new Uint8Array([0x50, 0x4b, 3, 4, 9, 9, 9]), "", /the archive is damaged/],
    ["a zip without conversations", "c.zip", zipSync({ "chat.html": strToU8("x") }), "", /without conversations\.json/],
  ],
  "Claude's export": [
    ["cut off", "claude.json", '[{"chat_messages": [', "line 1, column 21", /it ends in the middle/],
    [
      "a message without a sender",
      "claude.json",
      [claude({ sender: undefined })],
      "[0].chat_messages[0].sender",
      /expected string/,
    ],
    [
      "a message at no time",
      "claude.json",
      [claude({ created_at: "last week" })],
      "[0].chat_messages[0].created_at",
      /"last week" is not a time/,
    ],
    [
      "content that is text",
      "claude.json",
      [claude({ content: "Hi." })],
      "[0].chat_messages[0].content",
      /expected array/,
    ],
    [
      "a conversation without messages",
      "claude.json",
      [claude({}), { name: "x" }],
      "[1].chat_messages",
      /expected array/,
    ],
  ],
  "JSON lines": [
    [
      "a first line that is cut off",
      "m.jsonl",
      lines('{"role": "user", "cont', said(), said()),
      "line 1",
      /it is not JSON/,
    ],
    ["a line that is cut off", "m.jsonl", lines(said(), '{"role": "user"', said()), "line 2", /it is not JSON/],
    ["a role that nobody has", "m.jsonl", lines(said(), said({ role: "robot" })), "line 2.role", /./],
    [
      "a message without content",
      "m.jsonl",
      lines(said(), said({ content: null })),
      "line 2.content",
      /expected string/,
    ],
    ["a message at no time", "m.jsonl", lines(said(), said({ time: "noon" })), "line 2.time", /"noon" is not a time/],
  ],
  "the graph of the memory server": [
    ["a line that is cut off", "memory.jsonl", lines(entity(), '{"type": "ent'), "line 2", /it is not JSON/],
    [
      "an entity without a name",
      "memory.jsonl",
      lines(entity(), entity({ name: undefined })),
      "line 2.name",
      /expected string/,
    ],
    [
      "a relation to nothing",
      "memory.jsonl",
      lines(entity(), { type: "relation", from: "Ana", relationType: "knows" }),
      "line 2.to",
      /expected string/,
    ],
    ["a line of another type", "memory.jsonl", lines(entity(), { type: "thought" }), "line 2.type", /./],
    [
      "observations that are text",
      "memory.jsonl",
      lines(entity({ observations: "likes figs" })),
      "line 1.observations",
      /expected array/,
    ],
  ],
  "Mem0's export": [
    ["cut off", "mem0.json", '{"results": [{"memory": "x"}', "line 1, column 29", /it ends in the middle/],
    [
      "a memory that is a number",
      "mem0.json",
      { results: [{ memory: "Ana." }, { memory: 7 }] },
      "[1].memory",
      /expected string/,
    ],
    [
      "a memory at no time",
      "mem0.json",
      { results: [{ memory: "Ana.", created_at: "?" }] },
      "[0].created_at",
      /"\?" is not a time/,
    ],
  ],
};

describe.each(Object.entries(ROWS))(
  "%s that is malformed names file, place and reason, and changes nothing",
  (_, rows) => {
    test.each(rows)("%s", async (_what, name, content, place, reason) => {
      const memgpt = await testHome();
      const before = readdirSync(memgpt.home.root, { recursive: true });
      const file = join(temporaryFolder(), name);
      writeFileSync(
        file,
        content instanceof Uint8Array || typeof content === "string" ? content : JSON.stringify(content),
      );

      const error: unknown = await memgpt.imports.find(file).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ code: "invalid_input", message: expect.stringMatching(reason) });
      expect(String(error)).toContain(place === "" ? file : `${file}: ${place}: `);
      expect(String(error)).toContain("Nothing was imported.");
      expect(readdirSync(memgpt.home.root, { recursive: true })).toEqual(before);
    });
  },
);
