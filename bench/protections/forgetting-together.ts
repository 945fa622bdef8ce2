import { type Mutation, inFile } from "./mutation.ts";

const DATABASE = "test/forget/sharers-in-database.test.ts";
const KILLED = "test/forget/killed-in-database.test.ts";
const FILES = "test/forget/sharers.test.ts";

const WAITING = inFile("src/storage/postgres/waiting-orders.ts", DATABASE);
const ROWS = inFile("src/storage/postgres/forgetting.ts", DATABASE);
const RECORDS = inFile("src/storage/records/sharer-orders.ts", DATABASE);
const REPOSITORY = inFile("src/storage/postgres/repository.ts", DATABASE);

/** What is forgotten in a shared block goes from every agent that has or had it, wherever it is open. */
export const FORGETTING_TOGETHER: readonly Mutation[] = [
  WAITING(
    "sharers: orders in a database",
    "return its === undefined ? [] : [this.#orders.added(number, its)];",
    "return its === undefined || number > 0 ? [] : [this.#orders.added(number, its)];",
  ),
  WAITING("sharers: records of blocks in a database", "...others, ...blocksWithout(blocks, order)];", "...others];"),
  WAITING("sharers: those that nobody has open", "await visit(agent).catch(() => undefined);", "void visit;"),
  WAITING(
    "sharers: orders of agents that were deleted",
    "(there.has(number) ? [] : [this.#orders.removed(id)])",
    "(there.has(number) || id !== undefined ? [] : [this.#orders.removed(id)])",
  ),
  WAITING(
    "sharers: a copy has the orders of the agent",
    "this.#orders.added(to.agent, { ...order, agent: to.id })",
    "this.#orders.added(to.agent, { ...order, agent: to.id, words: [] })",
  ),
  WAITING(
    "sharers: orders that were carried out go",
    "await blocks.write([this.#orders.removed(id)]);",
    "await Promise.resolve({ blocks, id });",
  ),
  ROWS(
    "sharers: that are open elsewhere",
    "for (const stored of orders) state =",
    "for (const stored of orders.slice(9)) state =",
  ),
  ROWS(
    "sharers: completed at the next opening in a database",
    "for (const stored of this.#waiting.of(this.#agent)) {",
    "for (const stored of this.#waiting.of(-1)) {",
    { test: KILLED },
  ),
  ROWS("sharers: one entry of when and by whom", "(isLimited || (await this.#rows.isNoted(order)))", "isLimited", {
    test: KILLED,
  }),
  REPOSITORY(
    "sharers: completed when any agent is opened",
    "if (named.waits) await this.#waiting.settle().catch(() => undefined);\n    const release",
    "const release",
    { test: KILLED },
  ),
  REPOSITORY(
    "sharers: completed before an agent is read",
    "if (waits) await this.#waiting.settleAfter(agent);",
    "void waits;",
    {
      test: KILLED,
    },
  ),
  REPOSITORY(
    "sharers: completed when an agent is closed",
    "await this.#waiting.settleAfter(named.agent).catch(() => undefined);",
    "",
  ),
  RECORDS("sharers: that had a block", "...value.left.map((agent) => [agent, null] as const)", ""),
  RECORDS("sharers: blocks that had other labels", "blocks: [...blocks, id]", "blocks"),
  inFile("src/host/block-book.ts", DATABASE)(
    "sharers: publish nothing that was forgotten",
    "this.#afterForgetting(state).blocks[index]];",
    "state.blocks[index]];",
  ),
  inFile("src/host/block-book.ts", DATABASE)(
    "sharers: show nothing that was forgotten",
    "const { id, blocks } = this.#afterForgetting(state);",
    "const { id, blocks } = state;",
  ),
  inFile("src/agent/receive-blocks.ts", FILES)(
    "sharers: checkpoints that are due",
    "forgetting.catchUp?.(async () => session.saving.settled(session.state).catch(() => undefined))",
    "forgetting.catchUp?.()",
  ),
];
