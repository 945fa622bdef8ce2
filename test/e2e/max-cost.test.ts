import { describe, expect, test } from "vitest";
import { type Behaviour, type ModelServer, modelServer, streamed } from "../support/model-server.ts";
import { Answer, block, errorLines, memgpt, homeWith } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

/** At 10 dollars for a million tokens in and 20 out, one request costs 1.2 cents. */
const USAGE = { prompt_tokens: 1000, completion_tokens: 100 };
const PRICES = { "fake-1": { input: 10, cached: 1, output: 20 } };

function calling(name: string, args: object): Behaviour {
  const call = { index: 0, id: "call_1", type: "function", function: { name, arguments: JSON.stringify(args) } };
  return streamed([{ content: "I act." }, { tool_calls: [call] }], { usage: USAGE, finish: "tool_calls" });
}

const noting = (n: number): Behaviour =>
  calling("core_memory_append", { name: "human", content: `Fact ${n}.`, request_heartbeat: true });
const saying = (message: string): Behaviour => calling("send_message", { message });

/** Somebody whose agent ada speaks through `server`, which costs what `prices` say. */
function homeOf(server: ModelServer, prices: object = PRICES): string {
  return homeWith({ model: "fake-1", model_endpoint: server.endpoint, prices });
}

const run = ["run", "--agent", "ada", "--no-verify"];

function end(answer: ReturnType<typeof Answer.parse>): unknown {
  return answer.events.find(({ type }) => type === "turn_end");
}

/** `Answer` for a turn that was stopped before there was a reply. */
const Stopped = Answer.extend({ reply: Answer.shape.reply.nullable() });

describe("a limit to what a run may cost", () => {
  test("ends the turn cleanly, reports the cost, keeps finished steps, and the agent continues without it", async () => {
    const server = await modelServer([noting(1), noting(2), saying("There you are."), noting(4)]);
    const home = homeOf(server);

    const stopped = await memgpt(home, [...run, "-p", "note it", "--output-format", "json", "--max-cost", "0.02"]);

    expect({ code: stopped.code, stderr: errorLines(stopped.stderr) }).toEqual({ code: 0, stderr: [] });
    const answer = Stopped.parse(JSON.parse(stopped.stdout));
    expect(answer).toMatchObject({ reply: null, messages: [], steps: 2, usage: { prompt: 2000, completion: 200 } });
    expect(end(answer as ReturnType<typeof Answer.parse>)).toMatchObject({
      outcome: "max_cost",
      spent: { requests: 2, prompt: 2000, cost: expect.closeTo(0.024, 10) as number },
    });
    expect(answer.events).toContainEqual({
      type: "notice",
      code: "max_cost",
      text: expect.stringMatching(
        /^Stopped: this session has cost \$0\.0240 and --max-cost is \$0\.02\. Everything so far is kept;/,
      ) as string,
    });
    expect(await block(home, "ada", "human")).toMatch(/Fact 1\.\s+Fact 2\./);
    const again = await memgpt(home, [...run, "-p", "go on"]);
    expect(again).toMatchObject({ code: 0, stdout: "There you are.\n" });
  });

  test("covers the whole session: lines after it are refused, and the run fails", async () => {
    const server = await modelServer([saying("One."), saying("Two."), saying("Three.")]);
    const home = homeOf(server);

    const { code, stdout, stderr } = await memgpt(home, [...run, "--max-cost", "0.02"], { input: "a\nb\nc\n" });

    expect({ code, stdout }).toEqual({ code: 1, stdout: "One.\nTwo.\n" });
    expect(errorLines(stderr)).toEqual([
      "memgpt: This session has cost $0.0240 and its limit is $0.02. Nothing was sent; start again with a higher --max-cost.",
    ]);
    expect(server.seen).toHaveLength(2);
  });

  test("has no effect without a known price, and a notice says so", async () => {
    const server = await modelServer([saying("One."), saying("Two.")]);
    const home = homeOf(server, {});

    const { code, stdout, stderr } = await memgpt(home, [...run, "--max-cost", "0.02"], { input: "a\nb\n" });

    expect({ code, stdout }).toEqual({ code: 0, stdout: "One.\nTwo.\n" });
    expect(errorLines(stderr)).toEqual([
      expect.stringMatching(/^--max-cost has no effect: no price is known for fake-1\./),
    ]);
  });

  test("keeps the conversation open in a terminal, and a higher limit continues it", async () => {
    const server = await modelServer([noting(1), noting(2), saying("There you are.")]);
    const home = homeOf(server);
    const terminal = new Terminal(home, [...run, "--max-cost", "0.02", "--first"]);

    expect(await terminal.answer("note it")).toContain("Stopped: this session has cost $0.0240");
    terminal.write("and now?\r");
    await terminal.until(/its limit is \$0\.02\. Nothing was sent[^]*Your text is back at the prompt/);
    await terminal.until(() => terminal.typed.endsWith("and now?"));
    terminal.write("\x15");
    expect(await terminal.answer("/cost")).toMatch(/This session: 2 requests, 2,000 tokens in .* \$0\.0240/);
    await terminal.say("/exit");
    expect(await terminal.exited()).toBe(0);
    const again = new Terminal(home, [...run, "--max-cost", "1", "--first"]);

    expect(await again.answer("and now?")).toContain("There you are.");
    expect(await again.answer("/cost")).toMatch(/ada in total: 3 requests, 3,000 tokens in .* \$0\.0360/);
  });
});

describe("a limit to the steps of a turn", () => {
  test("ends the turn cleanly, and the next one continues", async () => {
    const server = await modelServer([noting(1), noting(2), saying("Done.")]);
    const home = homeOf(server);

    const stopped = await memgpt(home, [...run, "-p", "note it", "--output-format", "json", "--max-steps", "2"]);
    const again = await memgpt(home, [...run, "-p", "go on", "--max-steps", "2"]);

    const answer = Stopped.parse(JSON.parse(stopped.stdout));
    expect(stopped.code).toBe(0);
    expect(answer).toMatchObject({ reply: null, steps: 2 });
    expect(end(answer as ReturnType<typeof Answer.parse>)).toMatchObject({ outcome: "max_steps", steps: 2 });
    expect(JSON.stringify(answer.events)).toContain(
      'Stopped after 2 steps. Everything so far is kept; say \\"go on\\"',
    );
    expect(again).toMatchObject({ code: 0, stdout: "Done.\n" });
  });

  test("is reported beside text replies", async () => {
    const server = await modelServer([noting(1), noting(2), saying("Done.")]);
    const home = homeOf(server);

    const { code, stdout, stderr } = await memgpt(home, [...run, "--max-steps", "2"], { input: "note it\ngo on\n" });

    expect({ code, stdout }).toEqual({ code: 0, stdout: "Done.\n" });
    expect(stderr).toContain("Stopped after 2 steps. Everything so far is kept");
  });
});
