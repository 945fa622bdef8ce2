import { type Agent, MemGPTError } from "memgpt";
import { describe, expect, test } from "vitest";
import type { SlashAgents, SlashContext, SlashTerminal } from "../../../src/cli/slash/command.ts";
import { SLASH_COMMANDS, SLASH_GROUPS } from "../../../src/cli/slash/commands.ts";
import { parseCount } from "../../../src/cli/slash/count.ts";
import { completeSlash, exitHint, runSlashCommand } from "../../../src/cli/slash/dispatch.ts";
import { renderCommands } from "../../../src/cli/slash/help.ts";
import { collect, scriptedAgent } from "../../support/agents.ts";

const REPLY = { think: "A cake!", call: "send_message", args: { message: "Lovely." } };

/** A person who says no to everything, or a pipe. */
class Nobody implements SlashTerminal {
  readonly width = 80;
  readonly isPlain = false;
  readonly interactive: boolean;
  readonly shown: string[] = [];

  constructor(interactive = true) {
    this.interactive = interactive;
  }

  show(text: string): void {
    this.shown.push(text);
  }

  async confirm(): Promise<boolean> {
    return false;
  }

  async pick(): Promise<string | undefined> {
    return undefined;
  }

  async edit<T>(): Promise<T> {
    throw new MemGPTError("interrupted", "The editor left with 1.");
  }

  copy(): boolean {
    return false;
  }

  clear(): boolean {
    return false;
  }

  toggleVerbose(): boolean {
    return true;
  }
}

/** A home in which no agent can be opened. */
const NO_AGENTS: SlashAgents = {
  list: async () => [],
  open: async (name) => {
    throw new MemGPTError("agent_not_found", `There is no agent named ${name}.`);
  },
  create: async () => {
    throw new MemGPTError("agent_exists", "There is an agent of that name.");
  },
  knownSources: () => [],
  sources: async () => [],
  export: async () => undefined,
};

async function talked(): Promise<{ agent: Agent; context: SlashContext; say: (line: string) => Promise<string> }> {
  const { agent } = await scriptedAgent([REPLY], {}, { verify: false });
  await agent.ask("James baked a cake.");
  const context = { agent, agents: NO_AGENTS, terminal: new Nobody() };
  return {
    agent,
    context,
    async say(line) {
      const result = await runSlashCommand(line, context);
      return result.type === "print" ? result.text : result.type;
    },
  };
}

test.each(["1e3", "0x2", " ", "-1", "3.0", "0", "+2", "", "1 2", "٣", "two", "NaN"])("%j is not a count", (text) => {
  expect(parseCount(text)).toBeUndefined();
});

test("a count may exceed the number of messages", () => {
  expect(parseCount("007")).toBe(7);
  expect(parseCount("9".repeat(40))).toBe(Number.MAX_SAFE_INTEGER);
});

describe("wrong usage", () => {
  test.each([
    ["/pop 1e3", "Usage: /pop [n], where n is a whole number above 0"],
    ["/undo -1", "Usage: /undo [n], where n is a whole number above 0"],
    ["/dump 3.0", "Usage: /dump [n], where n is a whole number above 0"],
    ["/dumpraw 0x2", "Usage: /dumpraw [n], where n is a whole number above 0"],
    ["/rethink", "Usage: /rethink TEXT"],
    ["/rewrite  ", "Usage: /rewrite TEXT"],
    ["/recall", "Usage: /recall QUERY"],
    ["/archival", "Usage: /archival QUERY"],
    ["/systemswap", "Usage: /systemswap TEXT"],
    ["/add_function", "Usage: /add_function NAME"],
    ["/remove_function", "Usage: /remove_function NAME"],
    ["/redo 2", "Usage: /redo"],
    ["/retry now", "Usage: /retry"],
    ["/exit now", "Usage: /exit"],
    ["/core", "Usage: /core edit LABEL"],
    ["/core edit", "Usage: /core edit LABEL, LABEL is persona or human"],
    ["/core edit humn", "No block named humn. Did you mean human?\nUsage: /core edit LABEL, LABEL is persona or human"],
    ["/poop", "Unknown command /poop. Did you mean /pop? /help lists the commands."],
    ["/constructor", "Unknown command /constructor. /help lists the commands."],
  ])("%s gets the usage line and changes nothing", async (line, text) => {
    const { agent, say } = await talked();
    const before = agent.state;

    expect(await say(line)).toBe(text);

    expect(agent.state).toBe(before);
  });

  test("errors of the library come with the usage line, also during a turn", async () => {
    const { agent, context } = await talked();
    const retry = await runSlashCommand("/retry", context);
    await agent.pop(Number.MAX_SAFE_INTEGER);

    await expect(runSlashCommand("/load nowhere", context)).rejects.toThrow(
      /nowhere[^]*\nUsage: \/load \[name\|number\|time\]$/,
    );
    await expect(runSlashCommand("/edit Hello", context)).rejects.toThrow(/\nUsage: \/edit \[TEXT\]$/);
    await expect(runSlashCommand("/retry", context)).rejects.toThrow(/Nothing was changed\.\nUsage: \/retry$/);
    if (retry.type !== "turn") throw new Error(retry.type);
    const { signal } = new AbortController();
    await expect(collect(retry.run({ signal }))).rejects.toThrow(/\nUsage: \/retry$/);
  });

  test("cancelling a question changes nothing", async () => {
    const { agent, context, say } = await talked();
    const before = agent.state;

    expect(await say("/wipe")).toBe("Nothing was changed.");
    expect(await say("/load")).toBe("Nothing was loaded.");
    expect(await say("/systemswap You are nobody.")).toBe("The system prompt is unchanged.");
    await expect(runSlashCommand("/core edit human", context)).rejects.toThrow("The editor left with 1.");

    expect(agent.state).toBe(before);
  });
});

test("command names ignore case and have aliases; a bare slash shows the help", async () => {
  const { say } = await talked();

  expect(await say("/QUIT")).toBe("exit");
  expect(await say("/savechat once")).toMatch(/^Saved checkpoint "once"/);
  expect(await say("/")).toContain("/checkpoints");
  expect(await say("// one")).toBe("multiline");
  expect(await say("/help //")).toMatch(/^\/\/ \[text\]: /);
  expect(await say("/help /pop")).toMatch(/^\/pop \[n\]: .*\n.*Example: \/pop 6/s);
  expect(await say("/help poop")).toBe("Unknown command /poop. Did you mean /pop? /help lists the commands.");
});

test("commands that need a terminal name an alternative without one", async () => {
  const { agent } = await talked();
  const context = { agent, agents: NO_AGENTS, terminal: new Nobody(false) };

  expect(await runSlashCommand("/edit", context)).toEqual({
    type: "print",
    text: "Usage: /edit TEXT",
    refused: "invalid_input",
  });
  expect(await runSlashCommand("/load", context)).toMatchObject({
    text: expect.stringMatching(/^Usage: \/load \[name\|number\|time\]\n1 {2}\d{4}-.*current/),
  });
});

test("every usage line starts with the command's name", () => {
  for (const [name, { usage, summary, example }] of Object.entries(SLASH_COMMANDS)) {
    expect(usage.split(" ")[0]).toBe(`/${name}`);
    expect(summary).toMatch(/^[a-z]/);
    expect(example.startsWith(`/${name}`)).toBe(true);
  }
});

test("the help has groups and a hanging indent at any width, and an example for each command", async () => {
  const { say } = await talked();
  for (const width of [30, 40, 63, 80, 200]) {
    const lines = renderCommands(SLASH_GROUPS, width).split("\n");
    const commands = lines.slice(0, lines.lastIndexOf(""));
    for (const line of commands) expect(line.length, line).toBeLessThanOrEqual(width);
    expect(commands.filter((line) => /^\S/.test(line))).toEqual(SLASH_GROUPS.map(({ title }) => title));
  }
  for (const name of Object.keys(SLASH_COMMANDS))
    expect(await say(`/help ${name}`)).toMatch(/^\/.*: .*\n {2}Example: \//s);
});

test("an unknown command gets similar and longer names as suggestions", async () => {
  const { say } = await talked();

  expect(await say("/re")).toBe(
    "Unknown command /re. Did you mean /recall or /redo or /retry? /help lists the commands.",
  );
  expect(await say("/recal tea")).toBe("Unknown command /recal. Did you mean /recall? /help lists the commands.");
});

test.each(["exit", "quit", "EXIT ", "quit\n"])("a bare %j is not sent to the model", (line) => {
  expect(exitHint(line)).toContain("type /exit");
});

test.each([" exit", "exit the room", "quitting"])("%j is sent to the model", (line) => {
  expect(exitHint(line)).toBeUndefined();
});

test("failing to open an agent keeps the current one", async () => {
  const { agent, context } = await talked();

  await expect(runSlashCommand("/switch nobody", context)).rejects.toThrow("There is no agent named nobody.");
  await expect(runSlashCommand("/new ada", context)).rejects.toThrow("There is an agent of that name.");

  expect((await agent.recall.latest(1)).length).toBe(1);
});

describe("Tab", () => {
  test("completes commands, and arguments with known values", async () => {
    const { context, say } = await talked();
    await say("/save before the trip");

    expect(completeSlash("/che", context)).toEqual(["/checkpoints"]);
    expect(completeSlash("/RE", context)).toEqual([
      "/recall",
      "/redo",
      "/retry",
      "/rethink",
      "/rewrite",
      "/remove_function",
    ]);
    expect(completeSlash("/core ", context)).toEqual(["/core edit persona", "/core edit human"]);
    expect(completeSlash("/core edit h", context)).toEqual(["/core edit human"]);
    expect(completeSlash("/history p", context)).toEqual(["/history persona"]);
    expect(completeSlash("/remove_function pa", context)).toEqual(["/remove_function pause_heartbeats"]);
    expect(completeSlash("/add_function http", context)).toEqual(["/add_function http_request"]);
    expect(completeSlash("/load be", context)).toEqual(["/load before the trip"]);
    expect(completeSlash("/help mem", context)).toEqual(["/help memory", "/help memorywarning"]);
    expect(completeSlash("/memory x", context)).toEqual([]);
    expect(completeSlash("hello", context)).toEqual([]);
  });
});
