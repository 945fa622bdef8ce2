import { type Agent, type AgentEvent, MemGPT } from "memgpt";
import { createProgram } from "../../src/cli/program.ts";
import { reportError } from "../../src/cli/terminal/report-error.ts";
import { messageOf, tokenOf } from "../../test/crash/messages.ts";
import type { AgentWorld, Place, World } from "./world.ts";

/** What an operation works on. */
export type Course = {
  readonly place: Place;
  memgpt: MemGPT | undefined;
  agent: Agent | undefined;
  /** The world before each acknowledged turn or command that can be undone, oldest first. */
  readonly past: World[];
  /** Worlds that later operations return to. */
  readonly noted: Map<string, World>;
  /** Called when a step in the middle of a turn is acknowledged. */
  readonly onStep: () => Promise<void>;
};

/** The result of a command line. */
export type Printed = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the command threw; undefined if it printed the error itself. */
  readonly error: unknown;
};

/** An action of a person, and how the world must look once it is acknowledged. */
export type Operation = {
  readonly name: string;
  /** Whether it needs an open agent. */
  readonly needsAgent: boolean;
  /** Whether an undo reverts it. */
  readonly isAction: boolean;
  readonly run: (course: Course) => Promise<Printed | undefined>;
  /** What is wrong with `after`, given that the operation was acknowledged. */
  readonly check: (before: World, after: World, course: Course) => string | undefined;
};

const NAME = "sam";

/** The session: every operation that writes, first through the library with one agent open, then on the command line. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: "create",
    needsAgent: false,
    isAction: false,
    run: async (course) => {
      course.memgpt ??= await MemGPT.open({ dir: course.place.home, env: {} });
      course.agent = await course.memgpt.createAgent({ name: NAME, contextWindow: 4096 });
      return undefined;
    },
    check: (_, after) => (sam(after) === undefined ? "there is no agent" : undefined),
  },
  turn(1),
  turn(5),
  withAgent("import of messages", true, {
    run: async (agent) => {
      const texts = [101, 102, 103].map((number) => `Somebody said ${tokenOf(number)} to me.`);
      await agent.importMessages(texts.map((text) => ({ role: "user", text })));
    },
    check: (_, after) => all([101, 102, 103].map((number) => once(after, number))),
  }),
  withAgent("import of passages", true, {
    run: async (agent) => {
      await agent.addPassages([{ text: `The key ${tokenOf(111)} hangs behind the door.` }]);
    },
    check: (_, after) => count(sam(after)?.archival, 111, 1),
  }),
  withAgent("core edit", true, {
    run: async (agent) => {
      await agent.editBlock("human", `The person is called ${tokenOf(121)}.`);
    },
    check: (_, after) => count([sam(after)?.state ?? ""], 121, 1),
  }),
  withAgent("save", false, {
    run: async (agent) => {
      await agent.checkpoint("first");
    },
    check: (before, after, { noted }) => {
      noted.set("first", after);
      return sam(after)?.kept.length === (sam(before)?.kept.length ?? 0) + 1 ? undefined : "no checkpoint was kept";
    },
  }),
  turn(7),
  withAgent("undo", false, {
    run: async (agent) => {
      await agent.undo();
    },
    check: (before, after, { past, noted }) => {
      noted.set("undone", before);
      return as(past.pop() ?? before, after, "the undo did not restore the state");
    },
  }),
  withAgent("redo", false, {
    run: async (agent) => {
      await agent.redo();
    },
    check: (before, after, { past, noted }) => {
      past.push(before);
      const undone = noted.get("undone");
      return undone === undefined ? undefined : as(undone, after, "the redo did not restore the state");
    },
  }),
  turn(12),
  withAgent("edit", true, {
    run: async (agent, course) => follow(agent.retry({ message: messageOf(17) }), course),
    check: (_, after) => once(after, 17),
  }),
  withAgent("retry", true, {
    run: async (agent, course) => follow(agent.retry(), course),
    check: (before, after) =>
      sam(before)?.recall.at(-1) === sam(after)?.recall.at(-1) ? "the retry left the old answer" : undefined,
  }),
  withAgent("load", true, {
    run: async (agent) => {
      await agent.loadCheckpoint("first");
    },
    check: (_, after, { noted }) => {
      const saved = noted.get("first");
      return saved === undefined ? undefined : as(saved, after, "the loaded checkpoint has another state");
    },
  }),
  withAgent("configure", true, {
    run: async (agent) => {
      await agent.configure({ contextWindow: 6000 });
    },
    check: (_, after) =>
      /"contextWindow":6000/.test(sam(after)?.state ?? "") ? undefined : "the setting did not change",
  }),
  withAgent("wipe", true, {
    run: async (agent) => {
      await agent.wipe();
    },
    check: (_, after) => (sam(after)?.recall.length === 0 ? undefined : "messages are left"),
  }),
  withAgent("close", false, {
    run: async (agent, course) => {
      course.agent = undefined;
      await agent.close();
    },
    check: same,
  }),
  command("undo on the command line", ["undo", NAME], (before, after, { past }) =>
    as(past.pop() ?? before, after, "the undo did not restore the state"),
  ),
  command("configure set", ["configure", "set", "max_steps", "7"], (_, after) =>
    /"max_steps": 7/.test(after.files["config"] ?? "") ? undefined : "the setting is not in config.json",
  ),
  command("a key", ["configure", "set", "api_key", "sk-fault", "--endpoint", "http://127.0.0.1:1/v1"], (_, after) =>
    /sk-fault/.test(after.files["credentials"] ?? "") ? undefined : "the key is not in credentials.json",
  ),
  command("run -p", ["run", "--agent", NAME, "-p", messageOf(22)], (_, after) => once(after, 22), true),
  command(
    "export",
    ({ exported }) => ["export", NAME, "--format", "json", "--output", exported],
    (_, after) => {
      const messages = (after.files["exported"] ?? "").split("\n").filter((line) => /^\{"id":.*"role"/.test(line));
      return messages.length === sam(after)?.recall.length ? undefined : "the export is incomplete";
    },
  ),
  command("copy", ["copy", NAME, "tom"], (_, after) =>
    after.agents["tom"]?.recall.length === sam(after)?.recall.length ? undefined : "the copy is incomplete",
  ),
  command("rename", ["rename", "tom", "tim"], (before, after) =>
    JSON.stringify(before.agents["tom"]?.recall) === JSON.stringify(after.agents["tim"]?.recall)
      ? undefined
      : "its memory did not come along",
  ),
  command("reindex", ["reindex", NAME], same),
  command("delete", ["delete", "agent", "tim", "--yes"], (_, after) =>
    after.agents["tim"] === undefined ? undefined : "it still exists",
  ),
];

function turn(number: number): Operation {
  return withAgent(`turn ${number}`, true, {
    run: async (agent, course) => follow(agent.send(messageOf(number)), course),
    check: (_, after) => once(after, number),
  });
}

async function follow(events: AsyncIterable<AgentEvent>, course: Course): Promise<void> {
  for await (const { type } of events) if (type === "step_end") await course.onStep();
}

function withAgent(
  name: string,
  isAction: boolean,
  work: { run: (agent: Agent, course: Course) => Promise<void>; check: Operation["check"] },
): Operation {
  const run = async (course: Course): Promise<undefined> => {
    if (course.agent !== undefined) await work.run(course.agent, course);
    return undefined;
  };
  return { name, needsAgent: true, isAction, run, check: (before, after, course) => work.check(before, after, course) };
}

function command(
  name: string,
  args: readonly string[] | ((place: Place) => readonly string[]),
  check: Operation["check"],
  isAction = false,
): Operation {
  const run = async ({ place }: Course): Promise<Printed> =>
    runProgram(typeof args === "function" ? args(place) : args);
  return { name, needsAgent: false, isAction, run, check };
}

/** Runs the program in this process and captures its output. */
async function runProgram(args: readonly string[]): Promise<Printed> {
  const [out, complaints] = [captured(process.stdout), captured(process.stderr)];
  process.exitCode = 0;
  let thrown: unknown;
  try {
    await (await createProgram()).parseAsync(["node", "memgpt", ...args]);
  } catch (error) {
    thrown = error;
    process.exitCode = reportError(error);
  }
  const code = process.exitCode;
  process.exitCode = 0;
  return { code, stdout: out(), stderr: complaints(), error: thrown };
}

/** @returns a function that stops the capture and returns the text. */
function captured(stream: NodeJS.WriteStream): () => string {
  const write = stream.write.bind(stream);
  let text = "";
  stream.write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  return () => {
    stream.write = write;
    return text;
  };
}

function sam(world: World): AgentWorld | undefined {
  return world.agents[NAME];
}

/** Checks that the person's message `number` is there exactly once. */
function once(world: World, number: number): string | undefined {
  const said = sam(world)?.recall.filter((text) => / \{"type": ?"user_message"/.test(text));
  return count(said, number, 1);
}

function count(texts: readonly string[] | undefined, number: number, wanted: number): string | undefined {
  const found = (texts ?? []).filter((text) => text.includes(tokenOf(number))).length;
  return found === wanted ? undefined : `${tokenOf(number)} is there ${found} times`;
}

function all(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function same(before: World, after: World): string | undefined {
  return as(before, after, "something changed");
}

/** Whether an agent has the same memory in both worlds, whatever its checkpoints. */
function as(wanted: World, found: World, otherwise: string): string | undefined {
  const [a, b] = [wanted, found].map((world) => JSON.stringify({ ...sam(world), kept: [] }));
  return a === b ? undefined : otherwise;
}
