import { type Mutation, inFile } from "./mutation.ts";

const COLLECTIONS = "test/functions/collections.test.ts";
const ELSEWHERE = "test/agent/poison-from-elsewhere.test.ts";
const QUARANTINE = "test/agent/quarantine.test.ts";
const IMPORT = "test/host/import.test.ts";
const ORIGIN = "test/agent/origin.test.ts";
const PRIVATE = "test/trust/private-blocks.test.ts";

const ARCHIVAL = inFile("src/functions/archival-memory.ts", COLLECTIONS);
const CALLS = inFile("src/agent/calls.ts", ELSEWHERE);
const IMPORTED = inFile("src/host/import.ts", IMPORT);
const WHOLE = inFile("src/host/restore-agent.ts", IMPORT);
const SORTED = inFile("src/agent/quarantine.ts", QUARANTINE);
const PARTS = inFile("src/agent/sort-agent.ts", IMPORT);
const ADDED = inFile("src/agent/import.ts", QUARANTINE);
const FROM = inFile("src/memory/origin.ts", ORIGIN);
const PRIVACY = inFile("src/memory/private.ts", PRIVATE);
const OVER_MCP = inFile("src/server/mcp/memory-tools.ts", PRIVATE);

const FENCES: readonly Mutation[] = [
  ARCHIVAL("fence: around passages of a source", "text,\n              tail: close,", "text,"),
  ARCHIVAL("fence: a new mark for each page", "fence(markFrom(context.newId()))", `fence("fixed")`),
  ARCHIVAL(
    "fence: names and headings of a document inside",
    '${open}${citation === undefined ? "" : `(${citation}) `}',
    '${citation === undefined ? "" : `(${citation}) `}${open}',
    { test: ELSEWHERE, named: "markdown" },
  ),
  CALLS("fence: around what tools return", "output: open + output + close", "output"),
  CALLS(
    "fence: a notice about orders in what a tool returned",
    "if (suspicion !== undefined) {",
    'if (suspicion !== undefined && output === "") {',
  ),
  inFile(
    "src/functions/executor.ts",
    "test/functions/mcp-hostile.test.ts",
    "orders the agent about is fenced|says it failed",
  )(
    "fence: every function that acts outside memory returns data",
    'const isForeign = foreign || kind === "outside_effect";',
    "const isForeign = foreign;",
  ),
  inFile("src/functions/executor.ts", ELSEWHERE, "failing")(
    "fence: around the errors of tools",
    'const foreign = kind === "outside_effect";',
    "const foreign = false;",
  ),
  inFile("src/functions/extras/text-files.ts", "test/functions/extras.test.ts", "fenced as data")(
    "fence: around text files",
    "+ note, foreign: true }",
    "+ note }",
  ),
  inFile("src/cli/chat/mentioned-files.ts", "test/e2e/mentioned-files.test.ts")(
    "fence: around files that come with a message",
    "${open}",
    "",
    { isBuilt: true },
  ),
  inFile("src/cli/chat/headless.ts", "test/e2e/outcomes.test.ts", "fenced as data")(
    "fence: around piped input",
    'const { open, close } = fence(markFrom(randomUUID()), "stdin");',
    'const [open, close] = ["", ""];',
    { isBuilt: true },
  ),
  PARTS(
    "fence: around what functions returned to an imported agent",
    "if (find(unknown) === undefined) return message;",
    "if (find !== undefined) return message;",
  ),
  inFile("src/schema/own-words.ts", "test/agent/fenced-message.test.ts")(
    "fence: files in a message are not the person's words",
    `text.includes("[data ") ? text.replace(FENCED, "").trimEnd() : text`,
    "text",
  ),
];

const WAYS_IN: readonly Mutation[] = [
  SORTED(
    "quarantine: what the model writes",
    "if (!writes(call)) return call;",
    "if (call.id !== undefined) return call;",
  ),
  SORTED(
    "quarantine: orders split over two texts",
    "const suspicion = find(item.text, before);",
    "const suspicion = find(item.text);",
  ),
  SORTED(
    "quarantine: only the person's own words pass with a warning",
    "find(ownWords(text))?.rule === rule",
    "find(text)?.rule === rule",
    { test: "test/agent/fenced-message.test.ts" },
  ),
  SORTED(
    "quarantine: a repeated order of another class than the person's",
    "text !== undefined && find",
    "true || find",
  ),
  ADDED(
    "quarantine: imported messages",
    "return { ...others, stored: stored.map(({ message }) => message) };",
    "return { ...others, held: [], heldBefore: [], stored: messages };",
  ),
  ADDED(
    "quarantine: added passages",
    "return sorted(session, texts, { writeOf, pace });",
    "return { ...(await sorted(session, texts, { writeOf, pace })), held: [], stored: texts };",
  ),
  inFile("src/agent/add-history.ts", QUARANTINE)(
    "quarantine: an adopted conversation",
    "messages: sorted.kept, held: sorted.held",
    "messages: checked, held: []",
  ),
  IMPORTED(
    "quarantine: blocks of an agent file",
    "const parts = blocks.kept.length > 0 ? { blocks: blocks.kept } : {};",
    "const parts = memory.blocks.length > 0 ? { blocks: memory.blocks } : {};",
  ),
  IMPORTED(
    "quarantine: the prompt of an agent file",
    "if (kept === undefined) return { notes: [], held };",
    "if (kept === own + own) return { notes: [], held };",
  ),
  WHOLE(
    "quarantine: passages of an export",
    "const { stored: passages, held: heldPassages } = await sortTexts(",
    "const { good: passages = found, held: heldPassages } = await sortTexts(",
  ),
  WHOLE("quarantine: blocks of an export", "blocks: [...blocks.kept]", "blocks: [...state.blocks]"),
  WHOLE("quarantine: the prompt of an export", "name, system, blocks:", "name, system: state.system, blocks:"),
  WHOLE(
    "quarantine: the conversation of an export",
    "const queue = conversation.kept.slice(all.length);",
    "const queue = state.queue;",
  ),
  WHOLE(
    "quarantine: messages of an export",
    "const messages = conversation.kept.slice(0, all.length);",
    "const messages = all;",
  ),
  WHOLE("consent given elsewhere does not count", "state: { consents: _, ...state }", "state"),
  PARTS(
    "quarantine: an order over several lines of a block",
    `if (across !== undefined && across.is !== "exfiltration") return { text };`,
    "",
  ),
  PARTS(
    "quarantine: descriptions of blocks",
    "const { description: _, ...rest } = item.block;",
    "const rest = item.block;",
  ),
  OVER_MCP(
    "quarantine: blocks that another program edits",
    "if (suspicion === undefined) return agent",
    "if (edit !== undefined) return agent",
    { test: "test/server/mcp/memory.test.ts" },
  ),
  inFile("src/server/house/folders.ts", "test/server/letta/folders.test.ts")(
    "quarantine: names of a client's folders",
    "findSuspicion(fields.name) === undefined",
    "fields.name !== undefined",
  ),
  inFile("src/functions/mcp/tools.ts", "test/functions/mcp-hostile.test.ts", "description")(
    "quarantine: descriptions of tools",
    "if (suspicion !== undefined) {",
    'if (suspicion !== undefined && names.has("")) {',
  ),
  inFile("src/agent/release.ts", QUARANTINE)(
    "quarantine: an unknown id changes nothing",
    "if (held !== undefined) return held;",
    'if (held !== undefined || id !== "") return held as Held;',
  ),
];

const ORIGINS: readonly Mutation[] = [
  FROM("origin: person", `message.event === "user_message" ? originOf("person") : undefined`, "undefined"),
  FROM(
    "origin: model",
    `case "assistant":\n      return originOf("model");`,
    `case "assistant":\n      return undefined;`,
  ),
  FROM("origin: tool", `return originOf("tool", message.name);\n  }`, "return undefined;\n  }"),
  FROM(
    "origin: a file in a message counts for what is noted",
    `originOf("document", from.replace(/^file:/, ""))`,
    `originOf("model")`,
    { test: "test/agent/fenced-message.test.ts" },
  ),
  FROM(
    "origin: a source counts for what is noted",
    `if (source !== undefined) return [originOf("document", source)];`,
    "",
  ),
  FROM(
    "origin: a tool counts for what is noted",
    `message.kind === "outside_effect" || FENCED.test(message.content)`,
    "false",
  ),
  FROM("origin: until the person speaks again", "queue.slice(Math.max(0, asked))", "queue"),
  FROM("origin: client and import", `return !["client", "import"].includes`, `return ![""].includes`),
  inFile("src/agent/written-by.ts", ORIGIN)(
    "origin: client",
    `by === undefined ? undefined : originOf("client", by)`,
    "undefined",
  ),
  inFile("src/agent/session.ts", ORIGIN)(
    "origin: what a person changes by hand",
    `change.origin ?? originOf("person")`,
    "change.origin",
  ),
  inFile("src/storage/sqlite/source-store.ts", ELSEWHERE)("origin: document", `originOf("document", name)`, "null"),
  inFile("src/agent/release.ts", QUARANTINE)(
    "origin: of what is released",
    `originOf(item.write.type === "call" ? "model" : "import")`,
    "undefined",
  ),
  inFile("src/agent/queue-manager.ts", ORIGIN)("origin: summaries", `    origin: originOf("model"),\n`, ""),
];

const PRIVATE_BLOCKS: readonly Mutation[] = [
  PRIVACY(
    "private blocks: in the prompt",
    "const isHere = settings.model === PRACTICE_MODEL || isLoopback(settings.endpoint);",
    "const isHere = true;",
  ),
  PRIVACY(
    "private blocks: in the conversation",
    "if (shown === blocks) return queue;",
    "if (shown !== undefined) return queue;",
  ),
  PRIVACY(
    "private blocks: the thought beside a call",
    "return { ...message, content: null, calls };",
    "return { ...message, calls };",
  ),
  inFile("src/functions/core-memory.ts", PRIVATE)(
    "private blocks: replaced by a model elsewhere",
    "const block = findBlock(shownBlocks(state), name);\n    const part",
    "const block = findBlock(state.blocks, name);\n    const part",
  ),
  inFile("src/functions/core-memory.ts", PRIVATE)(
    "private blocks: extended by a model elsewhere",
    "const block = findBlock(shownBlocks(state), name);\n    const value",
    "const block = findBlock(state.blocks, name);\n    const value",
  ),
  inFile("src/memory/agreed-block.ts", PRIVATE)(
    "private blocks: where agents share them",
    "private: own.private === base.private ? record.private : own.private",
    "private: false",
  ),
  OVER_MCP(
    "private blocks: read by another program",
    "return blocks.filter((block) => block.private !== true);",
    "return blocks;",
  ),
  OVER_MCP(
    "private blocks: edited by another program",
    "if (isPrivate(agent, label)) {",
    'if (isPrivate(agent, label) && edit.text === "") {',
  ),
  OVER_MCP("private blocks: their history for another program", ".filter(({ label }) => !isPrivate(agent, label))", ""),
];

/** What others wrote is data: fences, quarantine, origins; and private blocks. */
export const MEMORY: readonly Mutation[] = [...FENCES, ...WAYS_IN, ...ORIGINS, ...PRIVATE_BLOCKS];
