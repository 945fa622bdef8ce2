import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import * as z from "zod";
import { type Api, type Env, answers, body, idIn, on } from "../http/api.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import type { Contract, ParamsOf } from "../wire/contract.ts";

/** A request, typed by its route's contract. */
export type Asked<C extends Contract> = {
  readonly c: Context<Env>;
  readonly owner: Owner;
  readonly params: Readonly<Record<ParamsOf<C["path"]>, string>>;
  readonly query: C extends { readonly query: infer Q extends z.ZodType } ? z.output<Q> : undefined;
  readonly body: C extends { readonly body: infer B extends z.ZodType } ? z.output<B> : undefined;
  /** The agent named in the path. @throws MemGPTError `agent_not_found`. */
  readonly entry: () => Promise<AgentEntry>;
};

/** Adds a route of memgpt's own API, whose handler must return what its contract says. */
export function own<C extends Contract>(
  api: Api,
  contract: C,
  answer: (asked: Asked<C>) => Promise<z.input<C["answer"]> | Response>,
): void {
  const { method, path, tag, summary, query, body: shape, isBare = false, gives } = contract;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const params = z.object(Object.assign({}, ...names.map((name) => idIn(name).shape)) as z.ZodRawShape);
  const route = createRoute({
    method,
    path,
    tags: [tag],
    summary,
    request: {
      ...(names.length === 0 ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(shape === undefined ? {} : { body: body(shape, !isBare) }),
    },
    responses: answers(contract.answer, gives),
  });
  on(api, route, async (c) => {
    const { req } = c;
    // hono has validated them with the contract's schemas.
    const valid = req.valid.bind(req) as (part: string) => unknown;
    const input = {
      params: names.length === 0 ? {} : valid("param"),
      query: query === undefined ? undefined : valid("query"),
      body: shape === undefined ? undefined : valid("json"),
    } as unknown as Pick<Asked<C>, "params" | "query" | "body">;
    const owner = c.get("owner");
    const entry = async (): Promise<AgentEntry> =>
      owner.agents.get((input.params as Readonly<Record<string, string>>)["agent_id"] ?? "");
    return answer({ c, owner, ...input, entry });
  });
}
