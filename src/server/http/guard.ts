import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Accounts, Caller } from "../house/accounts.ts";
import type { Env } from "./api.ts";
import { noRoute } from "./failures.ts";
import { Refusal } from "../house/refusal.ts";
import type { Owners } from "../house/owners.ts";

export type GuardOptions = {
  /** Whether the server listens on this machine only. */
  readonly isLocal: boolean;
  /** Origins whose pages may call the server, such as `http://localhost:3000`. */
  readonly origins: readonly string[];
  /** Names under which the server is reached, beside its address. */
  readonly hosts: readonly string[];
  /** Requests a second that one user may make for a while. */
  readonly rate: number;
};

/** Paths that everybody may ask. */
const OPEN = /^\/((health|ready|v1\/health|v1\/ready|openapi\.json|docs)\/?|page\/[\w.-]+)?$/;

/** Holds the key of the user who signed in on the page. */
export const SESSION_COOKIE = "memgpt_session";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Refuses what comes by way of somebody else's web page. A page can make a browser send requests to this machine, also under a name
 * of its own that it points here; it cannot hide its origin or that name.
 */
export function checkOrigin({ isLocal, origins, hosts }: GuardOptions, accounts: Accounts): MiddlewareHandler<Env> {
  return async (c, next) => {
    const host = c.req.header("host") ?? "";
    const isNamed = LOOPBACK.test(host) || hosts.includes(host.replace(/:\d+$/, "").toLowerCase());
    // Where a key is needed, a page that has none gets nowhere under any name.
    if (!isNamed && (hosts.length > 0 || (isLocal && !accounts.hasKeys))) {
      throw new Refusal(
        403,
        "forbidden",
        `This server is not called ${JSON.stringify(host)}; start it with --allow-host.`,
      );
    }
    const origin = c.req.header("origin");
    const isOwn = origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
    if (origin !== undefined && !isOwn && !origins.includes(origin)) {
      throw new Refusal(
        403,
        "forbidden",
        `Pages of ${JSON.stringify(origin)} may not call this server; see --allow-origin.`,
      );
    }
    if (origin !== undefined && origins.includes(origin)) {
      c.header("Access-Control-Allow-Origin", origin);
      c.header("Vary", "Origin");
      if (c.req.method === "OPTIONS") {
        c.header("Access-Control-Allow-Methods", "GET,POST,PUT,PATCH,DELETE");
        c.header("Access-Control-Allow-Headers", c.req.header("access-control-request-headers") ?? "*");
        return c.body(null, 204);
      }
    }
    return next();
  };
}

/** Finds out who asks, and whose agents they mean. */
export function authenticate(
  accounts: Accounts,
  owners: Owners,
  { isLocal, rate }: GuardOptions,
): MiddlewareHandler<Env> {
  const wrongKeys = new Buckets(10, 1);
  const requests = new Buckets(rate * 2, rate);
  return async (c, next) => {
    if (OPEN.test(c.req.path)) return next();
    const address = getConnInfo(c).remote.address ?? "";
    const token = bearerIn(c) ?? getCookie(c, SESSION_COOKIE);
    const caller =
      isLocal && !accounts.hasKeys ? accounts.operator : token === undefined ? undefined : accounts.callerOf(token);
    if (caller === undefined) {
      // A request without a key guesses nothing.
      if (token !== undefined && !wrongKeys.take(address)) throw tooMany();
      throw new Refusal(401, "unauthorized", "Unauthorized", { "www-authenticate": "Bearer" });
    }
    const meant = actingFor(caller, c.req.header("user_id"), accounts);
    if (!requests.take(meant.user.id)) throw tooMany();
    c.set("caller", meant);
    c.set("owner", await owners.of(meant.user));
    return next();
  };
}

/** A key names its user. Only an admin's may act for another, by the header that the old server trusted from anybody. */
function actingFor(caller: Caller, userId: string | undefined, accounts: Accounts): Caller {
  if (userId === undefined || !caller.isAdmin) return caller;
  const user = accounts.user(userId);
  if (user === undefined) throw new Refusal(404, "not_found", `There is no user ${userId}.`);
  return { user, isAdmin: true };
}

/** The key that a request has in its headers. */
export function bearerIn(c: Context): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header("authorization") ?? "");
  return bearer?.[1] ?? /^password\s+(\S+)$/i.exec(c.req.header("x-bare-password") ?? "")?.[1];
}

function tooMany(): Refusal {
  return new Refusal(429, "too_many_requests", "Too many requests. Nothing was done.", { "retry-after": "1" });
}

/** The caller is not an admin: to others there is nothing here. */
export function requireAdmin(): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!c.get("caller").isAdmin) throw noRoute(c.req);
    return next();
  };
}

/** How much everybody has left of what is filled up at a rate. */
class Buckets {
  readonly #size: number;
  readonly #perSecond: number;
  readonly #left = new Map<string, { tokens: number; at: number }>();

  constructor(size: number, perSecond: number) {
    this.#size = size;
    this.#perSecond = perSecond;
  }

  /** @returns whether there was one to take. */
  take(who: string): boolean {
    const now = performance.now();
    const { tokens, at } = this.#left.get(who) ?? { tokens: this.#size, at: now };
    const filled = Math.min(this.#size, tokens + ((now - at) / 1000) * this.#perSecond);
    // The oldest are full again by now.
    if (this.#left.size > 10_000) this.#left.clear();
    this.#left.set(who, { tokens: Math.max(0, filled - 1), at: now });
    return filled >= 1;
  }
}
