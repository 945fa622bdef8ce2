import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageOfAll, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { Owner } from "../house/owners.ts";
import type { Run, RunStep, Runs } from "../house/runs.ts";
import { anything, messageShape } from "./schemas.ts";
import { pageOfParts } from "./turn-answers.ts";

const tags = ["Runs"];
const params = idIn("step_id");
const page = pageQuery({ limit: 100, order: "desc" });

/** A step, and the run that it belongs to. */
type Found = { readonly id: string; readonly step: RunStep; readonly run: Run };

/** The steps of turns since the server was started. */
export function stepRoutes({ api, runs }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/steps",
      tags,
      summary: "The newest steps of the caller's agents since the server was started.",
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
    (c) => {
      const { agent_id, start_date, end_date, feedback, ...asked } = c.req.valid("query");
      const all = stepsOf(runs.all(c.get("owner").id));
      const found = all.filter(
        ({ step, run }) =>
          (agent_id === undefined || run.agentId === agent_id) &&
          (start_date === undefined || step.startedAt >= start_date) &&
          (end_date === undefined || step.startedAt <= end_date) &&
          (feedback === undefined || step.feedback === feedback),
      );
      return pageOfAll(found, asked, all).map(stepJson);
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
    (c) => {
      const { run_id } = c.req.valid("param");
      const run = runs.get(c.get("owner").id, run_id);
      if (run === undefined) throw new MemGPTError("not_found", `There is no run ${run_id}.`);
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
    (c) => stepJson(stepNamed(runs, c.get("owner"), c.req.valid("param").step_id)),
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/steps/{step_id}/messages",
      tags,
      summary: "What came of a step.",
      request: { params, query: pageQuery({ limit: 100, order: "asc" }) },
      responses: answers(z.array(messageShape), "Its messages."),
    }),
    (c) => {
      const { id, run } = stepNamed(runs, c.get("owner"), c.req.valid("param").step_id);
      const parts = run.parts.filter((part) => part["step_id"] === id);
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
    (c) => {
      const { id, step, run } = stepNamed(runs, c.get("owner"), c.req.valid("param").step_id);
      const ns = step.ended === undefined ? null : step.ended.ms * 1_000_000;
      return { id, agent_id: run.agentId, run_id: run.id, step_ns: ns, llm_request_ns: null, tool_execution_ns: null };
    },
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/steps/{step_id}/feedback",
      tags,
      summary: "Keeps what somebody thinks of a step, as long as the server is up.",
      request: {
        params,
        body: body(z.looseObject({ feedback: z.enum(["positive", "negative"]).nullish() }), false),
      },
      responses: answers(anything, "The step."),
    }),
    (c) => {
      const found = stepNamed(runs, c.get("owner"), c.req.valid("param").step_id);
      found.step.feedback = c.req.valid("json").feedback ?? null;
      return stepJson(found);
    },
  );
}

function stepsOf(runs: readonly Run[]): Found[] {
  return runs.flatMap((run) => run.steps.map((step) => ({ id: step.id, step, run })));
}

function stepNamed(runs: Runs, owner: Owner, id: string): Found {
  const found = stepsOf(runs.all(owner.id)).find((step) => step.id === id);
  if (found !== undefined) return found;
  throw new MemGPTError("not_found", `There is no step ${id}: steps are known until the server is stopped.`);
}

function stepJson({ id, step: { ended, feedback = null }, run }: Found): object {
  const { prompt = 0, completion = 0, cached = 0 } = ended ?? {};
  const isLast = run.steps.at(-1)?.id === id;
  const status = ended !== undefined ? "success" : run.status === "running" ? "pending" : run.status;
  return {
    id,
    agent_id: run.agentId,
    run_id: run.id,
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
