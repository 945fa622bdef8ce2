import { MemGPTError, didYouMean } from "../errors.ts";
import {
  type AskConsent,
  type ConsentAnswer,
  type Permission,
  isProposal,
  permissionOf,
} from "../functions/consent.ts";
import type { AgentFunction } from "../functions/define.ts";
import type { Executed } from "../functions/executor.ts";
import type { FunctionCall, FunctionKind } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import type { Draft } from "./draft.ts";

/** What decides about calls that act outside memory. */
export type ConsentParts = {
  /** Asks a person; without it the answer is no. */
  readonly askConsent?: AskConsent | undefined;
  /** Functions that may be called without asking, each with the reason. */
  readonly allowed: ReadonlyMap<string, string>;
};

/** What the model reads instead of the return of a call that is not permitted; undefined if the call may be made. */
export async function refusal(
  call: FunctionCall,
  draft: Draft,
  { functions, askConsent, allowed }: ConsentParts & { readonly functions: ReadonlyMap<string, AgentFunction> },
  signal: AbortSignal | undefined,
): Promise<Executed | undefined> {
  const fn = functions.get(call.name);
  // A proposal asks by itself.
  if (fn === undefined || isProposal(fn)) return undefined;
  const { may, why } = permissionOf(fn, draft.state, allowed);
  if (may === "yes") return undefined;
  if (may === "no") return refused(call.name, why, draft);
  const { name } = call;
  const answer = await askConsent?.({ agent: draft.state.name, name, arguments: call.arguments, signal });
  signal?.throwIfAborted();
  if (answer === "always" || answer === "never") draft.update({ consents: withConsent(draft.state, name, answer) });
  if (answer === "once" || answer === "always") return undefined;
  return refused(name, reasonFor(answer), draft);
}

function reasonFor(answer: ConsentAnswer | undefined): string {
  if (answer === undefined) return "nobody could be asked";
  return answer === "never" ? "you said never" : "you said no";
}

function refused(name: string, why: string, draft: Draft): Executed {
  const hint =
    why === "nobody could be asked"
      ? `--allow ${name} permits it for one run, \`memgpt functions allow ${draft.state.name} ${name}\` for good.`
      : `/functions allow ${name} permits it for good.`;
  draft.report({ type: "notice", code: "consent", text: `${name} was not called: ${why}. ${hint}` });
  const toModel = why.replace("you said", "the person said");
  const output = `Not permitted: ${name} acts outside memory, and ${toModel}. Nothing was done. Do not repeat the call; tell the person.`;
  return { kind: "plain", status: "Failed", output, effects: [], hits: [], heartbeat: true, foreign: false };
}

/** A person's decision about one function. `ask` clears it. */
export type ConsentSetting = "always" | "never" | "ask";

function withConsent({ consents }: AgentState, name: string, consent: ConsentSetting): AgentState["consents"] {
  const others = Object.entries(consents ?? {}).filter(([other]) => other !== name);
  return Object.fromEntries(consent === "ask" ? others : [...others, [name, consent]]);
}

/** @throws MemGPTError `not_found`; `invalid_input` for a function that needs no consent. */
export function withConsentSet(
  state: AgentState,
  functions: ReadonlyMap<string, AgentFunction>,
  name: string,
  consent: ConsentSetting,
): AgentState {
  const fn = functions.get(name);
  if (fn === undefined) {
    const available = `It has: ${[...functions.keys()].join(", ")}. Nothing was changed.`;
    const text = `${state.name} has no function named ${name}.${didYouMean(name, [...functions.keys()])} ${available}`;
    throw new MemGPTError("not_found", text);
  }
  if (isProposal(fn)) {
    const text = `${name} only proposes, and you are asked each time. Nothing was changed; /remove_function ${name} takes it away.`;
    throw new MemGPTError("invalid_input", text);
  }
  if (fn.kind !== "outside_effect") {
    const text = `${name} needs no consent: it has no effect outside memory. Nothing was changed.`;
    throw new MemGPTError("invalid_input", text);
  }
  return { ...state, consents: withConsent(state, name, consent) };
}

/** A function of an agent, and whether the agent may call it. `kind` is undefined if this program lacks it. */
export type FunctionPermission = Permission & { readonly name: string; readonly kind: FunctionKind | undefined };

export function permissionsOf(
  state: AgentState,
  functions: ReadonlyMap<string, AgentFunction>,
  { allowed }: Pick<ConsentParts, "allowed">,
): FunctionPermission[] {
  return state.functions.map((name) => {
    const fn = functions.get(name);
    if (fn === undefined) return { name, kind: undefined, may: "no", why: "this program lacks it" };
    return { name, kind: fn.kind, ...permissionOf(fn, state, allowed) };
  });
}
