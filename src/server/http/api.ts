import { OpenAPIHono, type RouteConfig, type RouteHandler } from "@hono/zod-openapi";
import * as z from "zod";
import { asClientKnows } from "./former-clients.ts";
import { errorFor } from "./failures.ts";
import type { Caller } from "../house/accounts.ts";
import type { Owner } from "../house/owners.ts";

/** The variables of every handler's context. */
export type Env = {
  Variables: {
    caller: Caller;
    /** The caller's agents. */
    owner: Owner;
    requestId: string;
    /** Notes on how the request was interpreted; sent as `x-memgpt-warning` headers. */
    warnings: string[];
  };
};

export type Api = OpenAPIHono<Env>;

export function createApi(): Api {
  return new OpenAPIHono<Env>({
    // Clients call collections with and without a trailing slash. Only `/v1/models` differs: Letta's list has the slash, OpenAI's does not.
    getPath: (request) => pathOf(new URL(request.url).pathname),
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const detail = result.error.issues.map(({ path, message, code }) => ({
        loc: [result.target === "json" ? "body" : result.target, ...path],
        msg: message,
        type: code,
      }));
      return c.json(errorFor(c.req.path, { status: 422, code: "invalid_input", detail, headers: {} }), 422);
    },
  });
}

/** The path that a route is registered under. Letta's server had all of them under `/latest`, too. */
function pathOf(asked: string): string {
  const path = asked.replace(/^\/latest\//, "/v1/");
  return path.length > 1 && path !== "/v1/models/" ? path.replace(/\/+$/, "") : path;
}

/** Adds a route, which answers with JSON unless its handler returns a response of its own. */
export function on<R extends RouteConfig>(
  api: Api,
  route: R,
  answer: (c: Parameters<RouteHandler<R, Env>>[0]) => unknown,
): void {
  const handler = async (c: Parameters<RouteHandler<R, Env>>[0]): Promise<Response> => {
    const value = await answer(c);
    return value instanceof Response ? value : c.json(asClientKnows(c, value));
  };
  // The shape of an answer is what its schema documents; hono's own check would want it repeated as a type.
  api.openapi(route, handler);
}

const errorSchema = z
  .looseObject({ detail: z.unknown(), code: z.string().optional() })
  .openapi("Error", { description: "What is wrong: a sentence, or a list of fields if the request is malformed." });

type JsonContent<S extends z.ZodType> = { readonly content: { readonly "application/json": { readonly schema: S } } };
type JsonAnswer<S extends z.ZodType> = JsonContent<S> & { readonly description: string };
type Refused = JsonAnswer<typeof errorSchema>;

const error = (description: string): Refused => ({
  description,
  content: { "application/json": { schema: errorSchema } },
});

/** The responses of a route that answers with JSON. */
export function answers<S extends z.ZodType>(
  schema: S,
  description: string,
): Readonly<Record<401 | 404 | 413 | 415 | 422 | 429, Refused>> & { readonly 200: JsonAnswer<S> } {
  return {
    200: { description, content: { "application/json": { schema } } },
    401: error("The key is missing or invalid."),
    404: error("Not found, or not visible to the caller."),
    413: error("The request body is too large."),
    415: error("The route does not accept this content-type."),
    422: error("The request is malformed."),
    429: error("Too many requests; try again after the time in `Retry-After`."),
  };
}

/** The body of a request, as JSON. */
export function body<S extends z.ZodType>(schema: S, required = true): JsonContent<S> & { readonly required: boolean } {
  return { required, content: { "application/json": { schema } } };
}

/** A boolean query parameter. */
export const flag = z.enum(["true", "false", "True", "False", "1", "0"]).transform((text) => /^(true|1)$/i.test(text));

/** A query parameter that may be repeated. */
export const several = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

/** The parameters of a path with one id. */
export function idIn<Name extends string>(name: Name): z.ZodObject<Record<Name, z.ZodString>> {
  const shape = {
    [name]: z
      .string()
      .min(1)
      .max(200)
      .openapi({ param: { name, in: "path" } }),
  };
  return z.object(shape as Record<Name, z.ZodString>);
}
