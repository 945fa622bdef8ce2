import type { Forgettable } from "../schema/forgetting.ts";
import type { FunctionKind } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentFunction } from "./define.ts";

/** A call that acts outside memory, for a person to decide on. */
export type ConsentRequest = {
  readonly agent: string;
  /** Name of the function. */
  readonly name: string;
  /** The arguments as the model wrote them: JSON, possibly malformed. */
  readonly arguments: string;
  /** For a proposal to forget: what would go. Each proposal is asked about; `always` counts as `once`. */
  readonly forgets?: Forgettable | undefined;
  /** Aborted when the turn is stopped. */
  readonly signal?: AbortSignal | undefined;
};

/** `always` and `never` are stored with the agent; `once` and `no` hold for this call. */
export type ConsentAnswer = "once" | "always" | "never" | "no";

export type AskConsent = (request: ConsentRequest) => ConsentAnswer | Promise<ConsentAnswer>;

/**
 * Whether an agent may call a function, and why. `ask`: a person decides each time, and without one the answer is no.
 */
export type Permission = { readonly may: "yes" | "no" | "ask"; readonly why: string };

const HARMLESS: Readonly<Record<Exclude<FunctionKind, "outside_effect">, string>> = {
  plain: "changes nothing",
  search: "reads memory",
  memory_write: "changes memory, which can be undone",
};

/** Whether a function only proposes. One that acts outside memory never does, whatever its definition claims. */
export function isProposal({ kind, proposes = false }: Pick<AgentFunction, "kind" | "proposes">): boolean {
  return proposes && kind !== "outside_effect";
}

/** @param allowed Functions that may be called without asking, unless a person forbade them, each with the reason. */
export function permissionOf(
  fn: Pick<AgentFunction, "name" | "kind" | "proposes">,
  { consents }: Pick<AgentState, "consents">,
  allowed: ReadonlyMap<string, string>,
): Permission {
  const { name, kind } = fn;
  if (isProposal(fn)) return { may: "ask", why: "only proposes, and you are asked each time" };
  if (kind !== "outside_effect") return { may: "yes", why: HARMLESS[kind] };
  const consent = consents?.[name];
  if (consent === "never") return { may: "no", why: "you said never" };
  const reason = allowed.get(name);
  if (reason !== undefined) return { may: "yes", why: reason };
  if (consent === "always") return { may: "yes", why: "you said always" };
  return { may: "ask", why: "acts outside memory, so you are asked each time" };
}
