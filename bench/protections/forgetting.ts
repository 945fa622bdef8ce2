import { type Mutation, inFile } from "./mutation.ts";

const TEST = "test/forget/forget.test.ts";
const PLACES = "test/forget/places.test.ts";
const SHARERS = "test/forget/sharers.test.ts";
const PROPOSED = "test/agent/forget-memory.test.ts";

const ROWS = inFile("src/storage/sqlite/forgetting.ts", TEST);
const STEPS = inFile("src/storage/repository/forgetting.ts", TEST);
const VALUES = inFile("src/memory/forgetting.ts", TEST);
const JOURNAL = inFile("src/memory/forgetting-journal.ts", TEST);
const HOME = inFile("src/storage/files/forget-in-home.ts", TEST);
const OTHERS = inFile("src/storage/repository/sharers.ts", SHARERS);
const OPENING = inFile("src/storage/repository/open-agent.ts", TEST);
const PROPOSAL = inFile("src/agent/propose-forgetting.ts", PROPOSED);
const INCOGNITO = "test/e2e/incognito.test.ts";

/** What is forgotten is in no file, incognito sessions touch none, and a deleted agent leaves none. */
export const FORGETTING: readonly Mutation[] = [
  ROWS(
    "forgetting: messages",
    "const messages = run(`DELETE FROM messages WHERE ${listed}`, order.messages);",
    "const messages = order.messages.length;",
  ),
  ROWS(
    "forgetting: passages",
    "const passages = run(`DELETE FROM passages WHERE ${listed}`, order.passages);",
    "const passages = order.passages.length;",
  ),
  ROWS(
    "forgetting: vectors of lines",
    "run(`DELETE FROM said_vectors WHERE n IN (SELECT n FROM messages WHERE ${listed})`, order.messages);",
    "",
    { test: PLACES },
  ),
  ROWS(
    "forgetting: passages that are being embedded again",
    "run(`DELETE FROM reindexed WHERE seq IN (SELECT seq FROM passages WHERE ${listed})`, order.passages);",
    "",
    { test: PLACES },
  ),
  ROWS(
    "forgetting: the text index",
    "run(`UPDATE messages SET live = 0 WHERE live = 1 AND ${listed}`, order.messages);",
    "",
  ),
  ROWS("forgetting: segments of the text index", "INSERT INTO messages_fts (messages_fts) VALUES ('optimize');", ""),
  ROWS(
    "forgetting: segments of the text index of passages",
    "INSERT INTO passages_fts (passages_fts) VALUES ('optimize');",
    "",
  ),
  ROWS(
    "forgetting: names of speakers",
    "DELETE FROM speakers WHERE name NOT IN (SELECT speaker FROM messages WHERE speaker IS NOT NULL);",
    "",
    { test: PLACES },
  ),
  ROWS(
    "forgetting: summaries",
    "const left = forgetInMessage(message, order);\n    if (left === message) return;",
    "const left = message;\n    if (left === message) return;",
  ),
  ROWS(
    "forgetting: the journal",
    "if (left === entry) continue;\n      set.run",
    "if (entry !== undefined) continue;\n      set.run",
  ),
  ROWS("forgetting: names of turns", "if (!isIn(order.labels, label)) continue;", "if (label !== undefined) continue;"),
  ROWS(
    "forgetting: actions that were undone",
    "if (order.branches.length > 0)\n      changed",
    "if (order.branches.length > 1e9)\n      changed",
  ),
  ROWS("forgetting: the state", "this.#row.set(forgetInState(state, order));", "this.#row.set(state);"),
  ROWS("forgetting: the quarantine", "for (const { id } of matching) remove.run(id);", "", { test: PLACES }),
  ROWS("forgetting: an entry of when and by whom", "          this.#note(order);\n", ""),
  ROWS("forgetting: free pages", `storing(this.#db, () => this.#db.exec("VACUUM"));`, ""),
  ROWS(
    "forgetting: the write-ahead log",
    `const [answer] = this.#db.pragma("wal_checkpoint(TRUNCATE)") as`,
    `const [answer] = [{ busy: 0 }] as`,
  ),
  ROWS("forgetting: a program that reads meanwhile is named", "if (answer?.busy === 0) return;", "return;"),
  STEPS("forgetting: checkpoints", "forgetInCheckpoints(folder.checkpoints, checkpoints.files(), order);", ""),
  STEPS(
    "forgetting: databases that were set aside",
    "for (const file of copiesIn(folder)) rmSync(file, { force: true });",
    "",
    { test: PLACES },
  ),
  STEPS("forgetting: backups are named", "backups: (await backups?.(sought)) ?? [],", "backups: [],", {
    test: "test/forget/backups.test.ts",
  }),
  STEPS("forgetting: an order outlives the process", "writeFileAtomic(folder.forgetOrder, JSON.stringify(order));", ""),
  STEPS("forgetting: an order is known in the whole home", "noteUnfinished(folder);", "", { test: SHARERS }),
  OPENING(
    "forgetting: completed at the next opening",
    "const orders = waitingOrders(folder, notices);",
    "const orders: ReturnType<typeof waitingOrders> = [];",
  ),
  OPENING(
    "forgetting: completed by any agent of the home",
    "for (const other of unfinishedNeighbours(folder)) await visit(other);",
    "",
    { test: SHARERS },
  ),
  HOME(
    "forgetting: typed lines",
    "return { typed: forgetTyped(typed, order, options),",
    "return { typed: forgetTyped(typed, order, { isDry: true }),",
  ),
  HOME("forgetting: records of blocks", "records.rewrite(() => blocksWithout(records, order));", ""),
  HOME("forgetting: what a server's clients noted", "if (options.isDry !== true) forgetNotes(server, order);", "", {
    test: "test/server/forget.test.ts",
  }),
  OTHERS(
    "forgetting: agents that share a block",
    "writeFileAtomic(join(folder.sharedForgetting, name), JSON.stringify(order));",
    "void order;",
  ),
  STEPS("forgetting: sharers at once", "for (const other of waitingNeighbours(folder)) await visit?.(other);", "", {
    test: SHARERS,
  }),
  inFile("src/agent/receive-blocks.ts", SHARERS)(
    "forgetting: sharers that are open",
    "const state = await forgetting.catchUp?.(async () => session.saving.settled(session.state).catch(() => undefined));",
    "const state = await Promise.resolve(undefined as AgentState | undefined);",
  ),
  VALUES("forgetting: escaped in JSON", `if (!text.includes("\\\\")) return false;`, "return false;", { test: PLACES }),
  VALUES(
    "forgetting: sentences of blocks",
    "const left = { ...rest, value: withoutWords(value, words) };",
    "const left = { ...rest, value };",
  ),
  VALUES(
    "forgetting: descriptions of blocks",
    "return description === undefined || mentions(description, words) ? left",
    "return description === undefined ? left",
    { test: PLACES },
  ),
  VALUES(
    "forgetting: the prompt",
    "system: mentions(state.system, order.words) ? withoutWords(state.system, order.words) : state.system,",
    "system: state.system,",
    { test: PLACES },
  ),
  VALUES(
    "forgetting: messages in context",
    "queue: state.queue.map((message) => forgetInMessage(message, order)),",
    "queue: state.queue,",
  ),
  VALUES(
    "forgetting: thoughts and arguments of calls",
    `const calls = message.calls.map((call) => ({ ...call, arguments: "{}" }));`,
    "const { calls } = message;",
  ),
  VALUES("forgetting: a block only as the person agrees", "if (keep.includes(label) || (only?", "if ((only?"),
  VALUES("forgetting: a summary only as the person agrees", "if (order.keep.includes(SUMMARY) || ", "if ("),
  VALUES("forgetting: what the agent noted because of it", "value = noted.size === 0 ?", "value = noted.size >= 0 ?", {
    test: "test/forget/noted.test.ts",
  }),
  JOURNAL(
    "forgetting: branches that were undone",
    "if (order.branches.some(([first, last]) => op >= first && op <= last)) {",
    "if (op < 0) {",
    { test: PLACES },
  ),
  JOURNAL(
    "forgetting: what was released from quarantine",
    "const isForgotten = [before, after].some((json) => json !== null && isReleaseOf(json, order));",
    "const isForgotten = before === after;",
    { test: "test/agent/quarantine.test.ts" },
  ),
  JOURNAL(
    "forgetting: names of turns in the journal",
    "return isQuoting ? { ...entry, cause: FORGOTTEN } : entry;",
    "return entry;",
    { test: PLACES },
  ),
  JOURNAL(
    "forgetting: rewordings in the journal",
    `case "message":\n      return messageLeft(json, order);`,
    `case "message":\n      return json;`,
    { test: PLACES },
  ),
  JOURNAL(
    "forgetting: earlier queues in the journal",
    `case "queue":\n      return spliceLeft(json, order, lookup);`,
    `case "queue":\n      return json;`,
  ),
  JOURNAL(
    "forgetting: earlier blocks in the journal",
    "return mayMention(json, order) ? blockLeft(parseJson(json), order, json) : json;",
    "return json;",
  ),
  JOURNAL(
    "forgetting: earlier settings in the journal",
    "return NAMES.has(ref) || !mayMention(json, order) ? json :",
    "return ref !== undefined ? json :",
  ),
  inFile("src/storage/files/forget-in-checkpoints.ts", PLACES)(
    "forgetting: names of checkpoints",
    "name: name !== null && mentions(name, order.words) ? FORGOTTEN : name,",
    "name,",
  ),
  inFile("src/storage/files/forget-in-checkpoints.ts", PLACES)(
    "forgetting: checkpoints that cannot be read",
    `return mentions(text, order.words) ? undefined : text;`,
    "return text;",
  ),
  inFile("src/cli/terminal/history.ts", "test/cli/terminal/history.test.ts")(
    "forgetting: the line that asks for it",
    "|| UNSTORED.test(text)",
    "",
  ),
  PROPOSAL(
    "forgetting: a model only proposes",
    `return answer === "once" || answer === "always" ? { agreed: true } :`,
    "return answer !== undefined ? { agreed: true } :",
  ),
  PROPOSAL(
    "forgetting: nobody to ask is a no",
    "if (askConsent === undefined) {",
    'if (askConsent === undefined && text === "") {',
  ),
  inFile("src/functions/consent.ts", PROPOSED)(
    "forgetting: each proposal is asked about",
    `if (isProposal(fn)) return { may: "ask"`,
    `if (isProposal(fn)) return { may: "yes"`,
  ),
  inFile("src/storage/repository/incognito.ts", INCOGNITO)(
    "incognito: the database is a copy in memory",
    "inMemory: true, ",
    "",
    { isBuilt: true },
  ),
  inFile("src/storage/repository/agent-files.ts", "test/storage/repository/unfinished.test.ts")(
    "deleting: leaves no file of the agent",
    "await sweep(parent);\n  if (!existsSync(removed)) return;",
    "return;",
  ),
  inFile("src/cli/commands/delete.ts", "test/e2e/own-files.test.ts", "deleting")(
    "deleting: takes typed lines along",
    "forgetHistory(memgpt.home.historyFile, id);",
    "void id;",
    { isBuilt: true },
  ),
];
