import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { Running, newHome, output } from "./support/program.ts";

type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

/** A server process, and what it answers. */
class Server {
  readonly running: Running;

  constructor(home: string, url: string, ...flags: string[]) {
    this.running = new Running(home, ["server", "--port", "0", "--quiet", "--database", url, ...flags]);
  }

  async start(): Promise<this> {
    await this.running.until("stdout", /serves at/);
    return this;
  }

  get address(): string {
    return /http:[^ ]+/.exec(this.running.stdout)?.[0] ?? "";
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return answerOf(await fetch(`${this.address}${path}`, { headers }));
  }

  async say(agent: string, text: string, more: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const body = JSON.stringify({ messages: [{ role: "user", content: text }], ...more });
    const path = `${this.address}/v1/agents/${agent}/messages`;
    return answerOf(
      await fetch(path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body }),
    );
  }
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** As a client does: again after the time that the server asks for, as long as it asks. */
async function patiently(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await send();
    const pause = answer.headers.get("retry-after");
    if (answer.status < 400 || pause === null) return answer;
    await setTimeout(Number(pause) * 1000);
  }
}

async function agentIn(home: string, url: string): Promise<string> {
  await output(home, ["run", "--agent", "sam", "--database", url, "-p", "My name is Ada."]);
  const exported = await output(home, ["export", "sam", "--format", "json", "--database", url]);
  return `agent-${(JSON.parse(exported) as { agent: { id: string } }).agent.id}`;
}

describe.skipIf(TEST_SERVER === undefined)("two servers of one database", () => {
  test("a request at the wrong one is answered by the one that has the agent open, streams too", async () => {
    const [home, url] = [newHome(), await databaseUrl()];
    const agent = await agentIn(home, url);
    const [one, two] = [await new Server(home, url).start(), await new Server(newHome(), url).start()];
    await one.say(agent, "I live in Lisbon.");

    const whole = await two.say(agent, "What is my name?");
    const streamed = await two.say(agent, "Where do I live?", { streaming: true, stream_tokens: true });

    expect(whole.status).toBe(200);
    expect(whole.text).toContain("Ada");
    expect(streamed.text).toContain("Lisbon");
    expect(streamed.text).toContain("[DONE]");
    const stuck = await two.say(agent, "Hello?", {}, { "x-memgpt-passed-on": "1" });
    expect(stuck.status).toBe(503);
    expect(stuck.headers.get("retry-after")).toBe("1");
    expect(stuck.headers.get("x-memgpt-holder")).toBe(one.address);
    expect((await two.get("/v1/agents/")).text).toContain(agent);
    expect(await output(home, ["search", "sam", "name", "--database", url])).not.toContain("Hello?");
  });

  test("the agents of one that was killed answer at the other within seconds, and remember everything", async () => {
    const [home, url] = [newHome(), await databaseUrl()];
    const agent = await agentIn(home, url);
    const [one, two] = [await new Server(home, url).start(), await new Server(home, url).start()];
    expect((await one.say(agent, "I live in Lisbon.")).status).toBe(200);
    expect((await two.say(agent, "I have a dog.")).status).toBe(200);

    one.running.kill("SIGKILL");
    await one.running.finished;
    const answer = await patiently(() => two.say(agent, "Where do I live?"));

    expect(answer.status).toBe(200);
    expect(answer.text).toContain("Lisbon");
    const found = await output(home, ["search", "sam", "dog", "--database", url]);
    expect(found.match(/user: I have a dog/g)).toHaveLength(1);
  });

  test("one that stood still for too long stores nothing of what the other has taken, and passes on what comes later", async () => {
    const [home, url] = [newHome(), await databaseUrl()];
    const agent = await agentIn(home, url);
    const [one, two] = [await new Server(home, url).start(), await new Server(home, url).start()];
    await one.say(agent, "I live in Lisbon.");

    one.running.kill("SIGSTOP");
    onTestFinished(() => {
      one.running.kill("SIGCONT");
    });
    // It takes connections and answers none.
    const taken = await patiently(() => two.say(agent, "I have a dog."));
    one.running.kill("SIGCONT");
    const late = await one.say(agent, "I have a cat.");
    const later = await one.say(agent, "What animal do I have?");

    expect(taken.status).toBe(200);
    expect(late.status).toBe(409);
    expect(late.text).toContain("Nothing was kept");
    expect(later.status).toBe(200);
    expect(later.text).toContain("dog");
    expect(later.text).not.toContain("cat");
  });
});
