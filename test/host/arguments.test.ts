import { type Agent, MemGPT } from "memgpt";
import { describe, expect, test } from "vitest";
import { scriptedAgent } from "../support/agents.ts";

/** Arguments that cannot be, and what the error must say of them. */
type Wrong = readonly [given: readonly unknown[], says: string];

const NAME: readonly Wrong[] = [
  [[], "name must be text (got undefined)"],
  [[7], "name must be text (got the number 7)"],
  [[null], "name must be text (got null)"],
  [[{ name: "sam" }], "name must be text (got an object)"],
];
const COUNT: readonly Wrong[] = [
  [["x"], 'count must be a whole number above 0 (got the text "x")'],
  [[0.5], "count must be a whole number above 0 (got the number 0.5)"],
  [[null], "count must be a whole number above 0 (got null)"],
];
const FILLED: readonly Wrong[] = [
  [[], "text must be text that is not blank (got undefined)"],
  [[5], "text must be text that is not blank (got the number 5)"],
  [[" "], 'text must be text that is not blank (got the text " ")'],
];
const SIGNAL = "options.signal must be an AbortSignal (got true)";
const NOTHING: readonly Wrong[] = [];

/** Every method there is; those that take nothing have nothing that could be wrong. */
const MEMGPT: Readonly<Record<string, readonly Wrong[]>> = {
  llm: [
    [[], "settings must be an object (got undefined)"],
    [[{ model: 7 }], "settings.model must be text (got the number 7)"],
  ],
  announce: [[[], "url must be text (got undefined)"]],
  move: [
    [["sam", { to: "x" }], 'names must be a list of names or "all" (got the text "sam")'],
    [["all"], "options must be an object (got undefined)"],
    [["all", { to: " " }], "options.to must be"],
  ],
  records: [[[], "book must be text (got undefined)"]],
  listAgents: NOTHING,
  hasAgent: NAME,
  createAgent: [
    [[42], "options must be an object (got the number 42)"],
    [["sam"], 'options must be an object (got the text "sam")'],
    [[{ name: 7 }], "options.name must be text (got the number 7)"],
    [[{ model: Symbol("m") }], "options.model must be text (got a symbol)"],
    [[{ contextWindow: "8192" }], 'options.contextWindow must be a number (got the text "8192")'],
    [[{}, { maxSteps: 0 }], "session.maxSteps must be a whole number above 0 (got the number 0)"],
    [[{}, []], "session must be an object (got an array)"],
  ],
  openAgent: [
    ...NAME,
    [["sam", 42], "overrides must be an object (got the number 42)"],
    [["sam", { endpoint: null }], "overrides.endpoint must be text (got null)"],
    [["sam", {}, { verify: "no" }], 'session.verify must be true or false (got the text "no")'],
  ],
  deleteAgent: NAME,
  readAgent: [...NAME, [["sam"], "read must be a function (got undefined)"]],
  overview: NAME,
  inspect: NAME,
  find: [...NAME, [["sam"], "an object such as { query }"], [["sam", {}], "query must be text (got undefined)"]],
  findAll: [...NAME, [["sam"], "an object such as { query }"], [["sam", { query: "tea", page: 2 }], "has no page"]],
  checkpoints: NAME,
  history: [...NAME, [["sam", 7], "label must be text (got the number 7)"]],
  exportAgent: [
    ...NAME,
    [["sam"], "options must be an object (got undefined)"],
    [["sam", { format: "pdf" }], 'options.format must be "markdown" or "json" or "af" (got the text "pdf")'],
  ],
  renameAgent: [
    [[7, "tom"], "from must be text (got the number 7)"],
    [["sam"], "to must be text (got undefined)"],
  ],
  copyAgent: [
    [[7, "tom"], "from must be text (got the number 7)"],
    [["sam"], "to must be text (got undefined)"],
    [["sam", "tom", null], "options must be an object (got null)"],
    [["sam", "tom", { at: 3 }], "options.at must be text (got the number 3)"],
  ],
  reindex: [
    ...NAME,
    [["sam", { embedding: "hash" }], 'options.embedding must be an object (got the text "hash")'],
    [["sam", { signal: true }], SIGNAL],
  ],
  repair: NAME,
  listFunctions: NOTHING,
  close: NOTHING,
};

const BACKUPS: Readonly<Record<string, readonly Wrong[]>> = {
  write: [
    [["sam"], 'names must be a list of names or "all" (got the text "sam")'],
    [[["sam", 7], "file"], 'names must be a list of names or "all" (got an array)'],
    [[["sam"]], "file must be text (got undefined)"],
    [["all", "file", { force: 1 }], "options.force must be true or false (got the number 1)"],
    [["all", "file", { signal: true }], SIGNAL],
  ],
  restore: [
    [[], "file must be text (got undefined)"],
    [["file", { verify: "yes" }], 'options.verify must be true or false (got the text "yes")'],
    [["file", { as: 7 }], "options.as must be text (got the number 7)"],
  ],
};

const AGENT: Readonly<Record<string, readonly Wrong[]>> = {
  spent: NOTHING,
  context: NOTHING,
  send: [
    [[], "input must be text or an event (got undefined)"],
    [[42], "input must be text or an event (got the number 42)"],
    [[{ type: "hello" }], "input.type must be"],
    [[{ type: "user_message" }], "input.message must be text (got undefined)"],
    [[{ type: "heartbeat", reason: () => 0 }], "input.reason must be text (got a function)"],
    [[{ type: "login", time: 5 }], "input.time must be text (got the number 5)"],
    [["hi", null], "options must be an object (got null)"],
    [["hi", { signal: true }], SIGNAL],
  ],
  ask: [
    [[], "message must be text (got undefined)"],
    [[42], "message must be text (got the number 42)"],
    [["hi", { signal: true }], SIGNAL],
  ],
  retry: [
    [["again"], 'options must be an object (got the text "again")'],
    [[{ message: 7 }], "options.message must be text (got the number 7)"],
    [[{ signal: true }], SIGNAL],
  ],
  answerCalls: [
    [["x"], 'answers must be an array (got the text "x")'],
    [[[{ callId: "x" }]], "answers[0] must be an answer with callId, and with status and output or approved: true"],
    [[[], { signal: true }], SIGNAL],
    [[[], { approve: [7] }], "options.approve[0] must be text (got the number 7)"],
  ],
  lastUserMessage: NOTHING,
  pop: COUNT,
  undo: COUNT,
  redo: NOTHING,
  actions: [...COUNT, [[], "count must be a whole number above 0 (got undefined)"]],
  rethink: FILLED,
  rewrite: FILLED,
  editMessage: [
    [[7, "x"], "id must be text (got the number 7)"],
    [["x", " "], "text must be text that is not blank"],
  ],
  save: NOTHING,
  checkpoint: [[[7], "name must be text (got the number 7)"]],
  checkpoints: NOTHING,
  loadCheckpoint: [
    [[], "which must be text (got undefined)"],
    [[3], "which must be text (got the number 3)"],
    [["1", { edited: "yes" }], 'options.edited must be true or false (got the text "yes")'],
  ],
  keepCheckpoints: COUNT,
  editBlock: [
    [[1], "label must be text (got the number 1)"],
    [["human"], "value must be text (got undefined)"],
    [["human", "x", { by: 7 }], "options.by must be text (got the number 7)"],
  ],
  addBlock: [
    [[], "block must be an object (got undefined)"],
    [[{ label: "a", value: "b", limit: "c" }], 'block.limit must be a whole number above 0 (got the text "c")'],
  ],
  changeBlock: [
    [[1, {}], "label must be text (got the number 1)"],
    [["human", { readOnly: 1 }], "changes.readOnly must be true or false (got the number 1)"],
  ],
  removeBlock: [[[1], "label must be text (got the number 1)"]],
  receiveBlocks: NOTHING,
  removePassages: [
    [["x"], 'ids must be an array (got the text "x")'],
    [[[], { by: 7 }], "options.by must be text (got the number 7)"],
  ],
  replacePassage: [
    [[7, "x"], "id must be text (got the number 7)"],
    [["x"], "text must be text (got undefined)"],
    [["x", "y", { by: 7 }], "options.by must be text (got the number 7)"],
  ],
  forgettable: [[[7], "request must be an object (got the number 7)"]],
  forget: [
    [[7], "request must be an object (got the number 7)"],
    [[{ match: 7 }], "request.match must be text that is not blank (got the number 7)"],
    [[{ match: "xyz" }, { keep: 7 }], "choices.keep must be an array (got the number 7)"],
  ],
  release: [[["x"], 'ids must be an array (got the text "x")']],
  discard: [[["x"], 'ids must be an array (got the text "x")']],
  quarantined: NOTHING,
  embedSaid: [[[{ signal: true }], SIGNAL]],
  attach: [[[1], "source must be text (got the number 1)"]],
  detach: [[[1], "source must be text (got the number 1)"]],
  clearMessages: NOTHING,
  addHistory: [
    [["x", new Set()], 'messages must be an array (got the text "x")'],
    [[[], ["x"]], "inContext must be a Set (got an array)"],
  ],
  importMessages: [
    [["x"], 'messages must be an array (got the text "x")'],
    [[[null]], "messages[0] must be an object (got null)"],
    [[[{ role: "user" }]], "messages[0].text must be text (got undefined)"],
    [[[{ role: "boss", text: "Hi" }]], 'messages[0].role must be "user" or "assistant" (got the text "boss")'],
    [[[{ role: "user", text: "Hi", createdAt: 5 }]], "messages[0].createdAt must be a Date or text (got the number 5)"],
    [[Array(1)], "messages[0] must be an object (got undefined)"],
    [[[], { signal: true }], SIGNAL],
  ],
  importOnce: [
    [["x"], 'memory must be an object (got the text "x")'],
    [[{ messages: "x", passages: [] }], 'memory.messages must be an array (got the text "x")'],
    [[{ messages: [], passages: "x" }], 'memory.passages must be an array (got the text "x")'],
    [[{ messages: [], passages: [] }, { signal: true }], SIGNAL],
  ],
  addPassages: [
    [[{ text: "x" }], "texts must be an array (got an object)"],
    [[[{ text: "x" }, {}]], "texts[1].text must be text (got undefined)"],
    [[["x"]], 'texts[0] must be an object (got the text "x")'],
    [[[], { signal: true }], SIGNAL],
  ],
  configure: [
    [[], "overrides must be an object (got undefined)"],
    [[null], "overrides must be an object (got null)"],
    [[{ model: 7 }], "overrides.model must be text (got the number 7)"],
  ],
  setSystem: FILLED,
  addFunction: NAME,
  removeFunction: NAME,
  permissions: NOTHING,
  refreshFunctions: NOTHING,
  setConsent: [
    [[7, "always"], "name must be text (got the number 7)"],
    [["x", "sometimes"], 'consent must be "always" or "never" or "ask" (got the text "sometimes")'],
  ],
  stateAt: [[[7], "checkpoint must be text (got the number 7)"]],
  summarize: [
    [[{ hint: 7 }], "options.hint must be text (got the number 7)"],
    [[{ signal: true }], SIGNAL],
  ],
  wipe: NOTHING,
  why: NOTHING,
  history: [[[7], "label must be text (got the number 7)"]],
  find: [
    [[], "an object such as { query }"],
    [[{}], "query must be text (got undefined)"],
  ],
  findAll: [
    [[], "an object such as { query }"],
    [[{}], "query must be text (got undefined)"],
  ],
  close: NOTHING,
};

function methodsOf(prototype: object): string[] {
  if (prototype === Object.prototype) return [];
  const all = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  const own = all.flatMap(([name, { value }]) => (typeof value === "function" && name !== "constructor" ? [name] : []));
  return [...own, ...methodsOf(Object.getPrototypeOf(prototype) as object)];
}

/** Calls what may throw, reject, or yield. */
async function call(target: object, method: string, given: readonly unknown[]): Promise<void> {
  const made = (target as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...given);
  if (typeof made === "object" && made !== null && Symbol.asyncIterator in made) {
    const events = (made as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    while ((await events.next()).done !== true);
  }
  await made;
}

async function snapshot(memgpt: MemGPT, agent: Agent): Promise<unknown> {
  await agent.save();
  return [await agent.checkpoints(), await memgpt.listAgents(), agent.state, await agent.journal.head()];
}

async function refused(target: object, method: string, [given, says]: Wrong): Promise<void> {
  await expect(call(target, method, given)).rejects.toMatchObject({
    name: "MemGPTError",
    code: "invalid_input",
    message: expect.stringMatching(/ Nothing was (changed|searched)\.$/) as unknown,
  });
  await expect(call(target, method, given)).rejects.toThrow(says);
}

test("every public method is covered", async () => {
  const { agent, memgpt } = await scriptedAgent([]);

  expect(Object.keys(MEMGPT).sort()).toEqual(methodsOf(Object.getPrototypeOf(memgpt) as object).sort());
  expect(Object.keys(BACKUPS).sort()).toEqual(methodsOf(Object.getPrototypeOf(memgpt.backups) as object).sort());
  expect(Object.keys(AGENT).sort()).toEqual(methodsOf(Object.getPrototypeOf(agent) as object).sort());
});

describe("wrong arguments from JavaScript are errors that say what is expected, and change nothing", () => {
  test.each(Object.entries(MEMGPT).filter(([, rows]) => rows !== NOTHING))("memgpt.%s", async (method, rows) => {
    const { agent, memgpt } = await scriptedAgent([]);
    const before = await snapshot(memgpt, agent);

    for (const row of rows) await refused(memgpt, method, row);

    expect(await snapshot(memgpt, agent)).toEqual(before);
  });

  test.each(Object.entries(BACKUPS))("memgpt.backups.%s", async (method, rows) => {
    const { agent, memgpt } = await scriptedAgent([]);
    const before = await snapshot(memgpt, agent);

    for (const row of rows) await refused(memgpt.backups, method, row);

    expect(await snapshot(memgpt, agent)).toEqual(before);
  });

  test.each(Object.entries(AGENT).filter(([, rows]) => rows !== NOTHING))("agent.%s", async (method, rows) => {
    const { agent, memgpt } = await scriptedAgent([]);
    const before = await snapshot(memgpt, agent);

    for (const row of rows) await refused(agent, method, row);

    expect(await snapshot(memgpt, agent)).toEqual(before);
  });

  test.each<Wrong>([
    [[42], "options must be an object (got the number 42)"],
    [[null], "options must be an object (got null)"],
    [[{ dir: 7 }], "options.dir must be text (got the number 7)"],
    [[{ llm: {} }], "options.llm must be a function (got an object)"],
  ])("MemGPT.open(%j)", async (...row) => {
    await refused(MemGPT, "open", row);
  });

  test.each<readonly ["recall" | "archival" | "journal", string, ...Wrong]>([
    ["recall", "search", ["cake"], 'query must be an object (got the text "cake")'],
    ["recall", "search", [{ query: "cake" }, { page: 0, size: 5 }], "query.text must be text (got undefined)"],
    ["recall", "search", [{ text: "cake" }], "page must be an object (got undefined)"],
    ["recall", "latest", ["x"], 'count must be a number (got the text "x")'],
    ["archival", "search", ["cake"], 'query must be an object (got the text "cake")'],
    ["archival", "get", [{}], "id must be text (got an object)"],
    ["journal", "entries", ["x"], 'from must be a number (got the text "x")'],
  ])("agent.%s.%s(%j) does not blame the database", async (storage, method, ...row) => {
    const { agent } = await scriptedAgent([]);

    await refused(agent[storage], method, row);
  });
});
