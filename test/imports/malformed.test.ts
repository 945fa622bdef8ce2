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
    ["agents that are no list", "a.af", { agents: {}, blocks: [] }, "agents", /must be a list, but is an object/],
    ["an agent that is text", "a.af", { agents: ["sam"], blocks: [] }, "agents[0]", /must be an object/],
    ["a name that is a number", "a.af", agentFile({}, { name: 7 }), "agents[0].name", /must be a text/],
    [
      "a block without a label",
      "a.af",
      agentFile({ blocks: [{ id: "block-0", value: "" }] }),
      "blocks[0].label",
      /must be a text/,
    ],
    [
      "a label without a letter",
      "a.af",
      agentFile({ blocks: [{ ...BLOCK, label: "!" }] }),
      'block "!"',
      /no letter or digit/,
    ],
    ["a limit below 1", "a.af", agentFile({ blocks: [{ ...BLOCK, limit: 0 }] }), "blocks[0].limit", /more than 0/],
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
      /must be one of user, assistant/,
    ],
    [
      "a message of a role that nobody has",
      "a.af",
      agentFile({}, { messages: [{ role: "wizard", content: "Hi." }] }),
      "agents[0].messages[0].role",
      /must be one of user, assistant/,
    ],
    [
      "a message in context that is not there",
      "a.af",
      agentFile({}, { in_context_message_ids: ["message-9"] }),
      "agents[0].in_context_message_ids",
      /none with the id "message-9"/,
    ],
    [
      "a part of a message that is a number",
      "a.af",
      agentFile({}, { messages: [{ role: "user", content: [{ type: "text", text: 7 }] }] }),
      "agents[0].messages[0].content[0].text",
      /must be a text, but is a number/,
    ],
    [
      "a message whose content is a number",
      "a.af",
      agentFile({}, { messages: [{ role: "user", content: 7 }] }),
      "agents[0].messages[0].content",
      /must be a text or a list/,
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
      /must be an object/,
    ],
    [
      "a passage without a text",
      "a.af",
      agentFile({}, { memgpt: { version: 1, passages: [{}] } }),
      "agents[0].memgpt.passages[0].text",
      /must be a text/,
    ],
    ["a skill without a name", "a.af", agentFile({ skills: [{ files: {} }] }), "skills[0].name", /must be a text/],
    [
      "JSON in JSON that is cut off",
      "a.af",
      JSON.stringify('{"agents": ['),
      "line 1, column 13",
      /it ends in the middle/,
    ],
    [
      "JSON in JSON of which the end is missing",
      "a.af",
      '"{\\"agents\\": [',
      "line 1, column 16",
      /it ends in the middle/,
    ],
    ["the older form, without messages", "a.af", legacy({ messages: undefined }), "messages", /must be a list/],
    [
      "the older form, a block without a value",
      "a.af",
      legacy({ core_memory: [{ label: "human" }] }),
      "core_memory[0].value",
      /must be a text/,
    ],
  ],
  "an export of ours": [
    ["cut off", "e.json", '{"version": 1, "agent": {', "line 1, column 26", /it ends in the middle/],
    ["without messages", "e.json", { version: 1, agent: {}, passages: [] }, "agent.id", /./],
    [
      "of no version",
      "e.json",
      { version: "1", agent: {}, passages: [] },
      "version",
      /must be a number, but is a text/,
    ],
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
      /must be an object, but is missing/,
    ],
    [
      "a message without an author",
      "conversations.json",
      [node({ content: { parts: ["Hi."] } })],
      "[0].mapping.a.message.author",
      /must be an object/,
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
      /must be an object/,
    ],
    [
      "a message that answers itself",
      "conversations.json",
      [chat({ current_node: "a", mapping: { a: { parent: "a" } } })],
      "[0].mapping.a",
      /its parents form a cycle/,
    ],
    ["a file without a byte", "conversations.json", "", "", /is empty/],
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
      /must be one of human, assistant/,
    ],
    [
      "a message of somebody else",
      "claude.json",
      [claude({ sender: "robot" })],
      "[0].chat_messages[0].sender",
      /must be one of human, assistant/,
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
      /must be a list/,
    ],
    [
      "a conversation without messages",
      "claude.json",
      [claude({}), { name: "x" }],
      "[1].chat_messages",
      /must be a list/,
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
      /must be a text/,
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
      /must be a text/,
    ],
    [
      "a relation to nothing",
      "memory.jsonl",
      lines(entity(), { type: "relation", from: "Ana", relationType: "knows" }),
      "line 2.to",
      /must be a text/,
    ],
    ["a line of another type", "memory.jsonl", lines(entity(), { type: "thought" }), "line 2.type", /./],
    [
      "observations that are text",
      "memory.jsonl",
      lines(entity({ observations: "likes figs" })),
      "line 1.observations",
      /must be a list/,
    ],
  ],
  "Mem0's export": [
    ["cut off", "mem0.json", '{"results": [{"memory": "x"}', "line 1, column 29", /it ends in the middle/],
    [
      "a memory that is a number",
      "mem0.json",
      { results: [{ memory: "Ana." }, { memory: 7 }] },
      "[1].memory",
      /must be a text/,
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
