import type { AnswerOf, BodyOf, Contract, ParamsOf, QueryOf } from "./contract.ts";
import type { Contracts } from "./contracts.ts";

/** The server's routes by method and path, so that a client does not compile if its route changed. */
export type Routes = {
  readonly [Name in keyof Contracts as `${Contracts[Name]["method"]} ${Contracts[Name]["path"]}`]: Contracts[Name];
};
export type AnswerTo<R extends keyof Routes> = AnswerOf<Routes[R]>;

/** A request to a route: the parameters of its path, its query and its body, as far as it has them. */
export type Asking<C extends Contract> = Given<"params", Params<ParamsOf<C["path"]>>> &
  Given<"query", QueryOf<C>> &
  Given<"body", BodyOf<C>>;
type Given<Key extends string, Value> = [Value] extends [undefined] ? unknown : { readonly [K in Key]: Value };
type Params<Names extends string> = [Names] extends [never] ? undefined : Readonly<Record<Names, string>>;

/** A request to any route. */
export type Asked = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
};

/** The path and query of a request. */
export function pathOf(template: string, params: Asked["params"] = {}, query: Asked["query"] = {}): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const present = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(
    present.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return search === "" ? path : `${path}?${search}`;
}

/** An error's detail as text: a sentence, or one line per invalid field joined by "; ". Undefined for anything else. */
export function textOf(detail: unknown): string | undefined {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return undefined;
  const lines = (detail as { loc?: unknown[]; msg?: unknown }[]).map(
    ({ loc = [], msg }) => `${loc.slice(1).join(".")}: ${String(msg)}`,
  );
  return lines.join("; ");
}
