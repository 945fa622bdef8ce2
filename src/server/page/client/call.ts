import { type AnswerTo, type Asked, type Asking, type Routes, pathOf, textOf } from "../../wire/asking.ts";

export type Answer<R extends keyof Routes> = AnswerTo<R>;

/** A refusal by the server, or no answer, with `status` 0. */
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

/** Dispatches `denied` when the server rejects the browser's key, or requires one. */
export const denials = new EventTarget();

/** Calls a route. @throws CallError */
export async function call<R extends keyof Routes>(
  route: R,
  asking: Asking<Routes[R]> & { readonly key?: string; readonly signal?: AbortSignal },
): Promise<Answer<R>> {
  const { body, key, signal } = asking as Loose;
  const [method = ""] = route.split(" ");
  const headers = {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  const response = await send(pathFor(route, asking), {
    method: method.toUpperCase(),
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  return (await response.json()) as Answer<R>;
}

/** The path of a route, for answers that are not JSON. */
export function pathFor<R extends keyof Routes>(route: R, asking: Asking<Routes[R]>): string {
  const { params, query } = asking as Loose;
  const [, template = ""] = route.split(" ");
  return pathOf(template, params, query);
}

/** Like `fetch`. @throws CallError unless the response is successful. */
export async function send(path: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new CallError(0, "unreachable", "The server does not answer. Nothing that you wrote is lost.");
  }
  if (response.ok) return response;
  if (response.status === 401) denials.dispatchEvent(new Event("denied"));
  const { detail, code } = (await response.json().catch(() => ({}))) as { detail?: unknown; code?: unknown };
  const text = textOf(detail) ?? response.statusText;
  throw new CallError(response.status, typeof code === "string" ? code : "", text);
}

type Loose = Asked & { readonly key?: string; readonly signal?: AbortSignal };
