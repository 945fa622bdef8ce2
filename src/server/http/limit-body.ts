import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Env } from "./api.ts";

/** Refuses bodies of more than `maxSize` bytes, by their `content-length`, or by counting if they have none. */
export function limitBody(maxSize: number, onError: () => never): MiddlewareHandler<Env> {
  const counted = bodyLimit({ maxSize, onError });
  return async (c, next) => {
    const { method } = c.req;
    if (method === "GET" || method === "HEAD") return next();
    const length = c.req.header("content-length");
    // Counting turns the body into a stream, which is slow to read. Node enforces `content-length`.
    if (length === undefined || c.req.header("transfer-encoding") !== undefined) return counted(c, next);
    return Number(length) > maxSize ? onError() : next();
  };
}
