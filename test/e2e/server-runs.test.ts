import { describe, expect, test } from "vitest";
import { type ModelServer, modelServer } from "../support/model-server.ts";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { newHome } from "./support/program.ts";
import { type Answer, Server, patiently } from "./support/server-process.ts";

type Json = Readonly<Record<string, unknown>>;

const parsed = ({ text }: Answer): Json => JSON.parse(text) as Json;
const listIn = ({ text }: Answer): Json[] => JSON.parse(text) as Json[];
const idsOf = (answer: Answer): unknown[] => listIn(answer).map(({ id }) => id);

async function newAgent(server: Server, name: string, more: object = {}): Promise<string> {
  return String(parsed(await server.send("POST", "/v1/agents/", { name, ...more }))["id"]);
}

const runIn = (answer: Answer): string => String(parsed(answer)["run_id"]);

/** A model that never answers, and what makes it a server's. */
async function silentModel(): Promise<{ readonly model: ModelServer; readonly env: Record<string, string> }> {
  const model = await modelServer([() => undefined]);
  return { model, env: { MEMGPT_MODEL: "silent", MEMGPT_MODEL_ENDPOINT: model.endpoint } };
}

/** A run in the background that has come to its model, which never answers. */
async function begun(server: Server, model: ModelServer, agent: string): Promise<string> {
  const run = parsed(await server.send("POST", `/v1/agents/${agent}/messages/async`, { input: "Hello" }));
  await expect.poll(() => model.seen.length, { timeout: 20_000 }).toBeGreaterThan(0);
  return String(run["id"]);
}

/** What a client that waits for a run sees in the end. */
async function outcome(server: Server, run: string): Promise<Json> {
  await expect
    .poll(async () => parsed(await patiently(() => server.get(`/v1/runs/${run}`)))["status"], { timeout: 30_000 })
    .not.toBe("running");
  return parsed(await server.get(`/v1/runs/${run}`));
}

describe.skipIf(TEST_SERVER === undefined)("two servers of one database", () => {
  test("list the turns and steps of both, page by page, and know each step", async () => {
    const url = await databaseUrl();
    const [one, two] = [await new Server(newHome(), url).start(), await new Server(newHome(), url).start()];
    const first = runIn(await one.say(await newAgent(one, "sam"), "I live in Lisbon."));
    const second = runIn(await two.say(await newAgent(two, "kim"), "I live in Oslo."));

    for (const server of [one, two]) {
      expect(idsOf(await server.get("/v1/runs/"))).toEqual([second, first]);
      expect(idsOf(await server.get("/v1/runs/?limit=1"))).toEqual([second]);
      expect(idsOf(await server.get(`/v1/runs/?limit=1&after=${second}`))).toEqual([first]);
      expect(idsOf(await server.get(`/v1/runs/?limit=1&after=${first}`))).toEqual([]);
      expect(idsOf(await server.get("/v1/runs/?active=true"))).toEqual([]);
      const steps = listIn(await server.get("/v1/steps/?order=asc")) as { id: string; run_id: string }[];
      expect([...new Set(steps.map(({ run_id }) => run_id))]).toEqual([first, second]);
      for (const { id, run_id } of steps) {
        expect(parsed(await server.get(`/v1/steps/${id}`))).toMatchObject({ id, run_id });
        const rated = await server.send("PATCH", `/v1/steps/${id}/feedback`, { feedback: "positive" });
        expect(parsed(rated)).toMatchObject({ feedback: "positive" });
      }
      expect(idsOf(await server.get("/v1/steps/?feedback=positive&order=asc"))).toEqual(steps.map(({ id }) => id));
      expect((await server.get(`/v1/steps/step-${crypto.randomUUID()}`)).status).toBe(404);
    }
  });

  test("stop a turn that the other carries out, by agent and by conversation", async () => {
    const [url, { model, env }] = [await databaseUrl(), await silentModel()];
    const [one, two] = [await new Server(newHome(), url, env).start(), await new Server(newHome(), url, env).start()];
    const agent = await newAgent(one, "sam");
    const run = await begun(one, model, agent);
    expect(idsOf(await two.get("/v1/runs/active"))).toEqual([run]);

    const stopped = await two.send("POST", `/v1/agents/${agent}/messages/cancel`, {});

    expect(parsed(stopped)).toEqual({ [run]: "cancelled" });
    expect(await outcome(two, run)).toMatchObject({ status: "cancelled" });
    const conversation = String(parsed(await one.send("POST", `/v1/conversations/?agent_id=${agent}`, {}))["id"]);
    const path = `/v1/conversations/${conversation}`;
    const before = model.seen.length;
    const said = one.send("POST", `${path}/messages`, { input: "Hello", background: true });
    await expect.poll(() => model.seen.length, { timeout: 20_000 }).toBeGreaterThan(before);
    expect(Object.values(parsed(await two.send("POST", `${path}/cancel`)))).toEqual(["cancelled"]);
    expect((await said).text).toContain("cancelled");
    expect((await two.send("POST", `${path}/stream`, {})).text).toContain("[DONE]");
  });

  test("a run in the background of one that was killed ends as failed, and one that was over stays known", async () => {
    const [url, { model, env }] = [await databaseUrl(), await silentModel()];
    const [one, two] = [await new Server(newHome(), url, env).start(), await new Server(newHome(), url).start()];
    const ended = parsed(
      await one.send("POST", `/v1/agents/${await newAgent(two, "kim")}/messages/async`, { input: "Hello" }),
    )["id"] as string;
    expect(await outcome(two, ended)).toMatchObject({ status: "completed" });
    const run = await begun(one, model, await newAgent(one, "sam"));

    one.running.kill("SIGKILL");
    await one.running.finished;

    expect(await outcome(two, run)).toMatchObject({ status: "failed", stop_reason: "error", background: true });
    expect(await outcome(two, ended)).toMatchObject({ status: "completed" });
    expect(idsOf(await two.get("/v1/runs/?background=true"))).toEqual([run, ended]);
    expect(idsOf(await two.get("/v1/runs/active"))).toEqual([]);
    const steps = idsOf(await two.get(`/v1/runs/${ended}/steps`));
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      const rated = await two.send("PATCH", `/v1/steps/${String(step)}/feedback`, { feedback: "positive" });
      expect(parsed(rated)).toMatchObject({ id: step, feedback: "positive" });
    }
    expect(idsOf(await two.get("/v1/steps/?feedback=positive"))).toEqual(steps);
    expect((await two.get(`/v1/runs/${ended}/messages`)).text).toContain("assistant_message");
    const followed = await two.send("POST", `/v1/runs/${run}/stream`, {});
    expect(followed.text).toContain("event: error");
    expect(followed.text).toContain("The server stopped before the run ended");
  });
});

test("a run in the background that the server's end cut off has failed when it is started again", async () => {
  const [home, { model, env }] = [newHome(), await silentModel()];
  const killed = await new Server(home, undefined, env).start();
  const run = await begun(killed, model, await newAgent(killed, "sam"));
  killed.running.kill("SIGKILL");
  await killed.running.finished;

  const next = await new Server(home).start();

  expect(parsed(await next.get(`/v1/runs/${run}`))).toMatchObject({ id: run, status: "failed" });
  expect(listIn(await next.get("/v1/runs/"))).toMatchObject([{ id: run, status: "failed" }]);
  expect((await next.send("DELETE", `/v1/runs/${run}`)).status).toBe(200);
  expect((await next.get(`/v1/runs/${run}`)).status).toBe(404);
});
