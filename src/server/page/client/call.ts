import type { AnswerOf, BodyOf, Contract, ParamsOf, QueryOf } from "../../wire/contract.ts";
import type { Contracts } from "../../wire/contracts.ts";

/** The server's routes, by method and path: one that changed does not compile here. */
type Routes = {
  readonly [Name in keyof Contracts as `${Contracts[Name]["method"]} ${Contracts[Name]["path"]}`]: Contracts[Name];
};
export type Answer<R extends keyof Routes> = AnswerOf<Routes[R]>;

type Given<Key extends string, Value> = [Value] extends [undefined] ? unknown : { readonly [K in Key]: Value };
type Asking<C extends Contract> = Given<"params", Params<ParamsOf<C["path"]>>> &
  Given<"query", QueryOf<C>> &
  Given<"body", BodyOf<C>> & { readonly key?: string; readonly signal?: AbortSignal };
type Params<Names extends string> = [Names] extends [never] ? undefined : Readonly<Record<Names, string>>;

/** What the server refused, or that it did not answer: `status` is 0 then. */
export class CallError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "CallError";
    this.status = status;
    this.code = code;
  }
}

/** Asks the server. @throws CallError */
export async function call<R extends keyof Routes>(route: R, asking: Asking<Routes[R]>): Promise<Answer<R>> {
  const { params, query, body, key, signal } = asking as Loose;
  const [method = "", template = ""] = route.split(" ");
  const headers = {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  const response = await send(pathOf(template, params, query), {
    method: method.toUpperCase(),
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  return (await response.json()) as Answer<R>;
}

/** A request as `fetch` makes it. @throws CallError unless it succeeds. */
export async function send(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new CallError(0, "unreachable", "The server does not answer. Nothing that you wrote is lost.");
  }
  if (response.ok) return response;
  const { detail, code } = (await response.json().catch(() => ({}))) as { detail?: unknown; code?: unknown };
  const text = typeof detail === "string" ? detail : Array.isArray(detail) ? fieldsIn(detail) : response.statusText;
  throw new CallError(response.status, typeof code === "string" ? code : "", text);
}

type Loose = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly key?: string;
  readonly signal?: AbortSignal;
};

function pathOf(template: string, params: Loose["params"] = {}, query: Loose["query"] = {}): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === "" ? path : `${path}?${search}`;
}

function fieldsIn(issues: readonly unknown[]): string {
  const lines = (issues as { loc?: unknown[]; msg?: unknown }[]).map(
    ({ loc = [], msg }) => `${loc.slice(1).join(".")}: ${String(msg)}`,
  );
  return lines.join("; ");
}
