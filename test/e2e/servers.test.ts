import { describe, expect, onTestFinished, test } from "vitest";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { newHome, output } from "./support/program.ts";
import { Server, patiently } from "./support/server-process.ts";

async function agentIn(home: string, url: string): Promise<string> {
  await output(home, ["run", "--agent", "sam", "--database", url, "-p", "My name is Ada."]);
  const exported = await output(home, ["export", "sam", "--format", "json", "--database", url]);
  return `agent-${(JSON.parse(exported) as { agent: { id: string } }).agent.id}`;
}

describe.skipIf(TEST_SERVER === undefined)("two servers of one database", () => {
  test("the wrong server forwards a request, streams included, to the one that has the agent open", async () => {
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

  test("both know a turn by its id, also when its server is gone, and neither an unknown one", async () => {
    const [home, url] = [newHome(), await databaseUrl()];
    const agent = await agentIn(home, url);
    const [one, two] = [await new Server(home, url).start(), await new Server(newHome(), url).start()];
    const run = /"run_id":"(run-[^"]+)"/.exec((await one.say(agent, "I live in Lisbon.")).text)?.[1] ?? "";

    for (const server of [one, two]) {
      expect(JSON.parse((await server.get(`/v1/runs/${run}`)).text)).toMatchObject({ id: run, status: "completed" });
      expect((await server.get(`/v1/runs/${run}/messages`)).text).toContain("assistant_message");
      expect((await server.get(`/v1/runs/run-${crypto.randomUUID()}`)).status).toBe(404);
    }
    one.running.kill("SIGTERM");
    await one.running.finished;
    expect(JSON.parse((await two.get(`/v1/runs/${run}`)).text)).toMatchObject({ id: run, status: "completed" });
    expect((await two.get(`/v1/runs/${run}/messages`)).text).toContain("assistant_message");
    expect((await two.get(`/v1/runs/${run}/steps`)).text).toContain(run);
  });

  test("a killed server's agents answer at the other within seconds, with all their memory", async () => {
    const [home, url] = [newHome(), await databaseUrl()];
    const agent = await agentIn(home, url);
    const [one, two] = [await new Server(home, url).start(), await new Server(home, url).start()];
    expect((await one.say(agent, "I live in Lisbon.")).status).toBe(200);
    expect((await two.say(agent, "I have a dog.")).status).toBe(200);

    one.running.kill("SIGKILL");
    await one.running.finished;
    const refused = await two.say(agent, "Where do I live?");
    const answer = await patiently(() => two.say(agent, "Where do I live?"));

    const left = Number(refused.headers.get("retry-after"));
    expect(refused.status).toBe(503);
    expect(left).toBeGreaterThanOrEqual(1);
    expect(left).toBeLessThanOrEqual(6);
    expect(JSON.parse(refused.text)).toMatchObject({
      detail: expect.stringMatching(
        /held until \d\d:\d\d:\d\d UTC by the server at http.*last renewed its hold at \d\d:\d\d:\d\d/,
      ),
    });

    expect(answer.status).toBe(200);
    expect(answer.text).toContain("Lisbon");
    const found = await output(home, ["search", "sam", "dog", "--database", url]);
    expect(found.match(/user: I have a dog/g)).toHaveLength(1);
  });

  test("a server that froze for too long stores nothing for agents that the other took over, and forwards later requests", async () => {
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
