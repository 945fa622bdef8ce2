import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import type { Context } from "hono";
import { type Env, answers, body, idIn, on } from "../http/api.ts";
import { fromOthers, isPassedOn } from "../http/others.ts";
import { pageOfAll, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import { ElsewhereError } from "../house/elsewhere.ts";
import type { Run, RunStep } from "../house/run.ts";
import type { Runs } from "../house/runs.ts";
import { partsOfRun } from "./run-parts.ts";
import { anything, messageShape } from "./schemas.ts";
import { pageOfParts } from "./turn-answers.ts";

const tags = ["Runs"];
const params = idIn("step_id");
const page = pageQuery({ limit: 100, order: "desc" });

/** Number of newest steps requested from another server. */
const MOST_STEPS = 1000;

/** A step and its run. */
type Found = { readonly id: string; readonly step: RunStep; readonly run: Run };

/** The steps of the newest turns. */
export function stepRoutes({ api, runs }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/steps",
      tags,
      summary: "The newest steps of the caller's agents.",
      request: {
        query: page.extend({
          agent_id: z.string().optional(),
          start_date: z.string().optional(),
          end_date: z.string().optional(),
          feedback: z.string().optional(),
        }),
      },
      responses: answers(z.array(anything), "A page of them."),
    }),
    async (c) => {
      const { agent_id, start_date, end_date, feedback, ...asked } = c.req.valid("query");
      const all = await allSteps(c, runs);
      const found = all.filter(
        (step) =>
          (agent_id === undefined || step.agent_id === agent_id) &&
          (start_date === undefined || step.created_at >= start_date) &&
          (end_date === undefined || step.created_at <= end_date) &&
          (feedback === undefined || step.feedback === feedback),
      );
      return pageOfAll(found, asked, all);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/{run_id}/steps",
      tags,
      summary: "The steps of a turn.",
      request: { params: idIn("run_id"), query: page },
      responses: answers(z.array(anything), "A page of them."),
    }),
    async (c) => {
      const run = await runs.named(c.get("owner"), c.req.valid("param").run_id);
      return pageOfAll(stepsOf([run]), c.req.valid("query")).map(stepJson);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/steps/{step_id}",
      tags,
      summary: "A step: one request to the model and the calls that it led to.",
      request: { params },
      responses: answers(anything, "The step."),
    }),
    async (c) => stepJson(await stepNamed(c, runs, c.req.valid("param").step_id)),
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/steps/{step_id}/messages",
      tags,
      summary: "A step's messages.",
      request: { params, query: pageQuery({ limit: 100, order: "asc" }) },
      responses: answers(z.array(messageShape), "Its messages."),
    }),
    async (c) => {
      const { id, run } = await stepNamed(c, runs, c.req.valid("param").step_id);
      const parts = (await partsOfRun(c.get("owner"), run)).filter((part) => part["step_id"] === id);
      return pageOfParts(parts, c.req.valid("query"));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/steps/{step_id}/metrics",
      tags,
      summary: "How long a step took.",
      request: { params },
      responses: answers(anything, "In nanoseconds."),
    }),
    async (c) => {
      const { id, step, run } = await stepNamed(c, runs, c.req.valid("param").step_id);
      const ns = step.ended === undefined ? null : step.ended.ms * 1_000_000;
      return { id, agent_id: run.agentId, run_id: run.id, step_ns: ns, llm_request_ns: null, tool_execution_ns: null };
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/steps/{step_id}/trace",
      tags,
      summary: "Always null: the server keeps no traces.",
      request: { params },
      responses: answers(z.null(), "null."),
    }),
    async (c) => {
      await stepNamed(c, runs, c.req.valid("param").step_id);
      return null;
    },
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/steps/{step_id}/feedback",
      tags,
      summary: "Stores feedback on a step.",
      request: {
        params,
        body: body(z.looseObject({ feedback: z.enum(["positive", "negative"]).nullish() }), false),
      },
      responses: answers(anything, "The step."),
    }),
    async (c) => {
      const found = await stepNamed(c, runs, c.req.valid("param").step_id);
      await runs.rate(c.get("owner"), found.run, found.step, c.req.valid("json").feedback ?? null);
      return stepJson(found);
    },
  );
}

function stepsOf(runs: readonly Run[]): Found[] {
  return runs.flatMap((run) => run.steps.map((step) => ({ id: step.id, step, run })));
}

/** The steps on all servers of the database, oldest first. */
async function allSteps(c: Context<Env>, runs: Runs): Promise<StepJson[]> {
  const here = stepsOf(runs.all(c.get("owner").id)).map(stepJson);
  const asked = { method: "GET", path: `/v1/steps?limit=${MOST_STEPS}` };
  if (isPassedOn(c)) return here;
  const elsewhere = (await fromOthers(c, asked)).flatMap(({ body }) => body as StepJson[]);
  const known = new Set([...here, ...elsewhere].map(({ id }) => id));
  const noted = stepsOf(await runs.noted(c.get("owner")))
    .map(stepJson)
    .filter(({ id }) => !known.has(id));
  return [...here, ...elsewhere, ...noted].sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
}

/** @throws ElsewhereError, naming the server that has the step, if any. */
async function stepNamed(c: Context<Env>, runs: Runs, id: string): Promise<Found> {
  const found = stepsOf(runs.all(c.get("owner").id)).find((step) => step.id === id);
  if (found !== undefined) return found;
  const [holder] = await fromOthers(c, { method: "GET", path: `/v1/steps/${encodeURIComponent(id)}` });
  const noted = holder === undefined && !isPassedOn(c) ? stepsOf(await runs.noted(c.get("owner"))) : [];
  const known = noted.find((step) => step.id === id);
  if (known !== undefined) return known;
  throw new ElsewhereError(`There is no step ${id}. The steps of each user's newest runs are known.`, holder?.server);
}

type StepJson = ReturnType<typeof stepJson>;

function stepJson({ id, step: { ended, feedback = null, startedAt }, run }: Found) {
  const { prompt = 0, completion = 0, cached = 0 } = ended ?? {};
  const isLast = run.steps.at(-1)?.id === id;
  const status = ended !== undefined ? "success" : run.status === "running" ? "pending" : run.status;
  return {
    id,
    agent_id: run.agentId,
    run_id: run.id,
    created_at: startedAt,
    status,
    stop_reason: isLast && run.status !== "running" ? run.stopReason : null,
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    cached_input_tokens: cached,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    error_type: null,
    feedback,
    tags: [],
  };
}
