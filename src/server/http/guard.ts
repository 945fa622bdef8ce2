import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Accounts, Caller } from "../house/accounts.ts";
import type { Env } from "./api.ts";
import { noRoute } from "./failures.ts";
import { Refusal } from "../house/refusal.ts";
import { attachRecorded } from "../house/archives.ts";
import type { Owners } from "../house/owners.ts";

export type GuardOptions = {
  /** Whether the server listens on this machine only. */
  readonly isLocal: boolean;
  /** Origins whose pages may call the server, such as `http://localhost:3000`. */
  readonly origins: readonly string[];
  /** Host names, besides its address, under which the server is reached. */
  readonly hosts: readonly string[];
  /** Sustained requests per second allowed to one user. */
  readonly rate: number;
};

/** Paths that need no key. */
const OPEN = /^\/((health|ready|v1\/health|v1\/ready|openapi\.json|docs)\/?|page\/[\w.-]+)?$/;

/** Holds the key of the user who signed in on the page. */
export const SESSION_COOKIE = "memgpt_session";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Refuses requests that another site's page sends through a browser (CSRF and DNS rebinding). Such a page can point a name of its
 * own at this machine, but it cannot hide its origin or that name.
 */
export function checkOrigin({ isLocal, origins, hosts }: GuardOptions, accounts: Accounts): MiddlewareHandler<Env> {
  return async (c, next) => {
    const host = c.req.header("host") ?? "";
    const isNamed = LOOPBACK.test(host) || hosts.includes(host.replace(/:\d+$/, "").toLowerCase());
    if (!isNamed) await accounts.refresh();
    // Where a key is required, the host name does not matter: a foreign page has no key.
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

/** Identifies the caller, and the user whose agents the request is about. */
export function authenticate(
  accounts: Accounts,
  owners: Owners,
  { isLocal, rate }: GuardOptions,
): MiddlewareHandler<Env> {
  const wrongKeys = new Buckets(10, 1);
  const requests = new Buckets(rate * 2, rate);
  return async (c, next) => {
    if (OPEN.test(c.req.path)) return next();
    await accounts.refresh();
    const address = getConnInfo(c).remote.address ?? "";
    const token = bearerIn(c) ?? getCookie(c, SESSION_COOKIE);
    const caller =
      isLocal && !accounts.hasKeys ? accounts.operator : token === undefined ? undefined : accounts.callerOf(token);
    if (caller === undefined) {
      // Only a wrong key counts as a guess; a missing one does not.
      if (token !== undefined && !wrongKeys.take(address)) throw tooMany();
      throw new Refusal(401, "unauthorized", "Unauthorized", { "www-authenticate": "Bearer" });
    }
    const acting = actingFor(caller, c.req.header("user_id"), accounts);
    if (!requests.take(acting.user.id)) throw tooMany();
    c.set("caller", acting);
    const owner = await owners.of(acting.user);
    await attachRecorded(owner);
    await owner.refresh();
    c.set("owner", owner);
    return next();
  };
}

/** A key names its user. Only an admin may act for another, through the header that Letta's server trusts from anybody. */
function actingFor(caller: Caller, userId: string | undefined, accounts: Accounts): Caller {
  if (userId === undefined || !caller.isAdmin) return caller;
  const user = accounts.user(userId);
  if (user === undefined) throw new Refusal(404, "not_found", `There is no user ${userId}.`);
  return { user, isAdmin: true };
}

/** The key in a request's headers. */
export function bearerIn(c: Context): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header("authorization") ?? "");
  return bearer?.[1] ?? /^password\s+(\S+)$/i.exec(c.req.header("x-bare-password") ?? "")?.[1];
}

function tooMany(): Refusal {
  return new Refusal(429, "too_many_requests", "Too many requests. Nothing was done.", { "retry-after": "1" });
}

/** Answers 404 to callers who are not admins. */
export function requireAdmin(): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (!c.get("caller").isAdmin) throw noRoute(c.req);
    return next();
  };
}

/** One token bucket per caller: `size` tokens, refilled at `perSecond`. */
class Buckets {
  readonly #size: number;
  readonly #perSecond: number;
  readonly #left = new Map<string, { tokens: number; at: number }>();

  constructor(size: number, perSecond: number) {
    this.#size = size;
    this.#perSecond = perSecond;
  }

  /** @returns whether a token was left. */
  take(who: string): boolean {
    const now = performance.now();
    const { tokens, at } = this.#left.get(who) ?? { tokens: this.#size, at: now };
    const filled = Math.min(this.#size, tokens + ((now - at) / 1000) * this.#perSecond);
    // Bounds the memory; most buckets are full again by now.
    if (this.#left.size > 10_000) this.#left.clear();
    this.#left.set(who, { tokens: Math.max(0, filled - 1), at: now });
    return filled >= 1;
  }
}
