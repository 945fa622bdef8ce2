import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Metrics } from "../house/metrics.ts";
import type { Env } from "./api.ts";

/** Writes one JSON object a line. */
export type Log = (entry: Readonly<Record<string, unknown>>) => void;

const REQUEST_ID = "x-request-id";

/** Counts and logs every request: its route and user, never its contents. */
export function observe(metrics: Metrics, log: Log): MiddlewareHandler<Env> {
  return async (c, next) => {
    const started = performance.now();
    const requestId = c.req.header("x-request-id")?.slice(0, 64) ?? crypto.randomUUID();
    c.set("requestId", requestId);
    c.set("warnings", []);
    // Set before the response exists: changing the headers of a finished one copies it.
    c.header(REQUEST_ID, requestId);
    metrics.begin();
    try {
      await next();
    } finally {
      const ms = performance.now() - started;
      const { headers } = c.res;
      // Missing on responses from another server or a file.
      if (!headers.has(REQUEST_ID)) headers.set(REQUEST_ID, requestId);
      for (const warning of c.get("warnings")) headers.append("x-memgpt-warning", headerText(warning));
      const { method } = c.req;
      const { status } = c.res;
      const route = routePath(c, -1);
      metrics.end({ method, route, status }, ms / 1000);
      const level = status >= 500 ? "error" : "info";
      const user = (c.var as Partial<Env["Variables"]>).caller?.user.id;
      log({ level, event: "request", method, route, status, ms: Math.round(ms * 10) / 10, user, requestId });
    }
  };
}

/** Header values must be ASCII on one line. */
function headerText(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 500);
}
