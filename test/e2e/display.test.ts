import type { ServerResponse } from "node:http";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { type Behaviour, chunk, modelServer, refuse, sse, stall, streamed } from "../support/model-server.ts";
import { newHome, search } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const ESC = "\x1b";
const UP = `${ESC}[A`;
const LEFT = `${ESC}[D`;
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_L = "\x0c";
const CTRL_O = "\x0f";

const PASTED = Array.from({ length: 460 }, (_, line) => `row ${line}`).join("\n");
const paste = (text: string): string => `${ESC}[200~${text}${ESC}[201~`;

/** The deltas of a call of `send_message`, cut where a model might cut them. */
function saying(message: string, think = "I answer."): object[] {
  const args = JSON.stringify({ message });
  const call = { index: 0, id: "call_1", type: "function", function: { name: "send_message", arguments: "" } };
  const pieces = args.match(/[^]{1,7}/gu) ?? [];
  return [
    { content: think },
    { tool_calls: [call] },
    ...pieces.map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
  ];
}

/** Answers as `then` does once the test says so. */
function whenTold(then: Behaviour): { behaviour: Behaviour; asked: Promise<void>; go: () => void } {
  let arrive: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (arrive = resolve));
  let go: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (go = resolve));
  const behaviour: Behaviour = (response, request) => {
    arrive();
    void told.then(() => {
      then(response, request);
    });
  };
  return { behaviour, asked, go };
}

async function chat(script: readonly Behaviour[], options: { columns?: number; args?: string[]; term?: string } = {}) {
  const home = newHome();
  const server = await modelServer(script);
  const args = ["run", "--agent", "ada", "--model", "m", "--model-endpoint", server.endpoint, "--no-verify", "--first"];
  const env = options.term === undefined ? {} : { TERM: options.term };
  const terminal = new Terminal(home, [...args, ...(options.args ?? [])], { columns: options.columns ?? 100, env });
  return { home, server, terminal };
}

const sent = (server: { seen: readonly { body: unknown }[] }, at: number): string =>
  JSON.stringify(server.seen[at]?.body);

describe("typing ahead", () => {
  test("text typed while a message fails stays separate from the failed message", async () => {
    const failing = whenTold(refuse(400, { error: { message: "bad tea leaves" } }));
    const { terminal, server, home } = await chat([failing.behaviour, streamed(saying("Noted."))]);
    await terminal.ready();
    terminal.write("first message\r");
    await failing.asked;
    terminal.write("second message");
    // Nothing shows that it has arrived: what is typed ahead is not echoed.
    await new Promise((resolve) => setTimeout(resolve, 300));

    failing.go();
    await terminal.until(() => terminal.typed === "> second message");
    expect(terminal.text).toMatch(/bad tea leaves[^]*arrow\s+up\s+brings/);
    terminal.write("\r");
    await terminal.until("Noted.");
    await terminal.ready();
    terminal.write(`${UP}${UP}`);
    await terminal.until(() => terminal.typed === "> first message");
    terminal.write(`${CTRL_C}${CTRL_D}`);

    expect(await terminal.exited()).toBe(0);
    expect(sent(server, 1)).toContain("second message");
    expect(sent(server, 1)).not.toContain("first message");
    expect((await search(home, "ada", "message")).results.map(({ text }) => text)).toEqual(["second message"]);
  });

  test("a failed message is offered: typing replaces it, an arrow key edits it, Enter sends it", async () => {
    const { terminal, server } = await chat([
      refuse(400, { error: { message: "bad tea leaves" } }),
      refuse(400, { error: { message: "bad tea leaves" } }),
      streamed(saying("Noted.")),
    ]);
    await terminal.ready();
    terminal.write("first message\r");
    await terminal.until(() => terminal.typed === "> first message");
    terminal.write("second message");
    await terminal.until(() => terminal.typed === "> second message");
    terminal.write("\r");
    await terminal.until(/bad tea leaves[^]*bad tea leaves/);
    await terminal.until(() => terminal.typed === "> second message");
    terminal.write(`${LEFT}X`);
    await terminal.until(() => terminal.typed === "> second messagX");
    terminal.write("\r");
    await terminal.until("Noted.");
    await terminal.ready();
    terminal.write(CTRL_D);

    expect(await terminal.exited()).toBe(0);
    expect(sent(server, 2)).toContain("second messagXe");
  });

  test("Enter pressed during a reply neither disturbs the display nor sends anything", async () => {
    let response: ServerResponse | undefined;
    const [deltas, rest] = [saying("One two three four five."), saying("One two three four five.").slice(6)];
    const { terminal, server } = await chat([
      (held) => {
        response = held.writeHead(200, { "content-type": "text/event-stream" });
        for (const piece of sse(deltas.slice(0, 6).map((delta) => chunk(delta)))) held.write(piece);
      },
    ]);
    await terminal.ready();
    terminal.write("hello\r");
    await terminal.until(/One t/);
    terminal.write("\r\r\r\r");
    terminal.write("ahead");
    // What the program answers to by itself shows that the keys have arrived.
    await terminal.until("Ctrl-C stops");

    for (const piece of sse([...rest.map((delta) => chunk(delta)), chunk({}, "tool_calls"), "[DONE]"]))
      response?.write(piece);
    response?.end();
    await terminal.until(() => terminal.typed === "> ahead");

    const shown = terminal.rows.filter((row) => row !== "").join("\n");
    expect(shown).toMatch(/> hello\n.*I answer\.\nOne two three four five\.\n.*\bm .*%.*\n> ahead$/);
    terminal.write(`${CTRL_C}${CTRL_D}`);
    expect(await terminal.exited()).toBe(0);
    expect(server.seen).toHaveLength(1);
  });
});

describe("a stalled reply", () => {
  test("shows the waiting seconds and the key that stops it, and leaves no trace", async () => {
    const { terminal } = await chat([
      stall(
        sse(
          saying("Once upon a time there was")
            .slice(0, -2)
            .map((delta) => chunk(delta)),
        ),
      ),
    ]);
    await terminal.ready();
    terminal.write("Tell me a story\r");

    await terminal.until(/Once upon[^]*\n. Waiting [1-9]\d*s \(Ctrl-C stops\)/);
    terminal.write(CTRL_C);
    await terminal.until("back at the prompt");
    await terminal.until(() => terminal.typed.endsWith("> Tell me a story"));

    expect(terminal.text).not.toContain("Waiting");
    expect(terminal.text).toMatch(/Once upon.*\n+Stopped\./);
    terminal.write(`${CTRL_C}${CTRL_D}`);
    expect(await terminal.exited()).toBe(0);
  });

  test("in the middle of a thought continues after it", async () => {
    let response: ServerResponse | undefined;
    const { terminal } = await chat([
      (held) => {
        response = held.writeHead(200, { "content-type": "text/event-stream" });
        held.write(sse([chunk({ content: "I think about " })]).join(""));
      },
    ]);
    await terminal.ready();
    terminal.write("hello\r");
    await terminal.until(/I think about *\n. Waiting/);

    const rest = [{ content: "tea." }, ...saying("Good day.", "").slice(1)];
    response?.end(sse([...rest.map((delta) => chunk(delta)), chunk({}, "tool_calls"), "[DONE]"]).join(""));
    await terminal.until("Good day.");
    await terminal.ready();

    expect(terminal.text).toContain("I think about tea.\nGood day.");
    terminal.write(CTRL_D);
    expect(await terminal.exited()).toBe(0);
  });
});

describe("a long paste", () => {
  test("is folded in the line and the scrollback, shown by Ctrl-O, and sent whole", async () => {
    const { terminal, server } = await chat([streamed(saying("Noted."))]);
    await terminal.ready();

    terminal.write(`look: ${paste(PASTED)}`);
    await terminal.until(() => terminal.typed === "> look: [pasted 460 lines]");
    expect(terminal.text).toContain("Ctrl-O");
    terminal.write(CTRL_O);
    await terminal.until(() => terminal.typed === "... row 459");
    terminal.write(CTRL_O);
    await terminal.until(() => terminal.typed === "> look: [pasted 460 lines]");
    terminal.write("!\r");
    await terminal.until("Noted.");
    await terminal.ready();
    expect(terminal.text).toContain("> look: [pasted 460 lines]!\n");
    expect(terminal.text).not.toContain("row 459");
    terminal.write(CTRL_O);
    await terminal.until("row 459");
    await terminal.ready();
    terminal.write(UP);
    await terminal.until(() => terminal.typed === "> look: [pasted 460 lines]!");
    terminal.write(`${CTRL_C}${CTRL_D}`);

    expect(await terminal.exited()).toBe(0);
    expect(sent(server, 0)).toContain(JSON.stringify(JSON.stringify(`look: ${PASTED}!`).slice(1, -1)).slice(1, -1));
  });
});

describe("a narrow window", () => {
  const THOUGHT = "Extraordinary circumstances notwithstanding, everybody remembers birthdays.";

  test.each([[[] as string[]], [["--no-stream"]], [["--strip-ui"]]])(
    "breaks thoughts and memory edits between words, with %j",
    async (args) => {
      const append = { name: "human", content: "Celebrates birthdays with marvellous strawberry cheesecakes." };
      const call = { name: "core_memory_append", arguments: JSON.stringify({ ...append, request_heartbeat: true }) };
      const { terminal } = await chat(
        [
          streamed([
            ...(THOUGHT.match(/[^]{1,5}/gu) ?? []).map((content) => ({ content })),
            { tool_calls: [{ index: 0, id: "call_1", type: "function", function: call }] },
          ]),
          streamed(saying("Done.")),
        ],
        { columns: 24, args },
      );
      await terminal.ready();
      terminal.write("hello\r");
      await terminal.until("Done.");
      await terminal.ready();
      terminal.write(CTRL_D);
      await terminal.exited();

      const words = `${THOUGHT} ${append.content}`.split(" ");
      for (const word of words)
        expect(
          terminal.rows.some((row) => row.includes(word)),
          word,
        ).toBe(true);
      for (const row of terminal.rows) expect(stringWidth(row)).toBeLessThanOrEqual(24);
      const thought = terminal.rows.findIndex((row) => row.includes("Extraordinary"));
      expect(terminal.rows[thought + 1]).toMatch(/^ {2,}\S/);
      const edit = terminal.rows.findIndex((row) => row.includes("Celebrates"));
      expect(terminal.rows[edit + 1]).toMatch(/^ {2,}\S/);
    },
  );
});

test("after Ctrl-L shows the line once at the top, without an erase that tmux would keep", async () => {
  const { terminal } = await chat([streamed(saying("Noted."))]);
  await terminal.ready();
  terminal.write(`half a thought${CTRL_L}`);
  await terminal.until(() => terminal.typed === "> half a thought" && terminal.rows.at(-40) === "> half a thought");
  terminal.write(`${CTRL_L}!`);
  await terminal.until(() => terminal.typed === "> half a thought!");

  const cleared = terminal.raw.split(`${ESC}[2J`);
  expect(cleared).toHaveLength(3);
  // The line itself is erased before the screen is.
  for (const before of cleared.slice(0, 2)) expect(before).toMatch(/\x1b\[J\r\x1b\[H$/);
  expect(terminal.raw).not.toContain(`\r${ESC}[J`);
  terminal.write(`${CTRL_C}${CTRL_D}`);
  expect(await terminal.exited()).toBe(0);
});

test.each([
  ["--strip-ui", { args: ["--strip-ui"] }],
  ["a dumb terminal", { term: "dumb" }],
])("%s draws only ASCII", async (_, options) => {
  const { terminal } = await chat([streamed(saying("Good day. ".repeat(60).trim(), "I think. ".repeat(60)))], options);
  await terminal.until(/> ?$/);
  const waitFor = async (line: string, text: RegExp): Promise<void> => {
    const before = terminal.text.length;
    terminal.write(`${line}\r`);
    await terminal.until(() => text.test(terminal.text.slice(before + line.length)) && /> ?$/.test(terminal.text));
  };
  await waitFor("hello", /tokens/);
  for (const [line, text] of [
    ["/context", /free/],
    ["/memory", /Archival/],
    ["/dump", /\[1\]/],
    ["/help", /Ctrl-C/],
    ["/help load", /Example/],
    ["/why", /Said/],
    ["/checkpoints", /after/],
    ["/undo", /Undid/],
  ] as const)
    await waitFor(line, text);
  terminal.write("/exit\r");

  expect(await terminal.exited()).toBe(0);
  expect(terminal.text.match(/[^\x00-\x7f]+/g)).toBeNull();
});
