import type { Completion } from "../schema/context.ts";

/** How often a brand-new agent may try its first answer. */
export const FIRST_MESSAGE_ATTEMPTS = 3;

/** Signs that a model wrote a call of one of `functions` into its thoughts instead of making it. Names need no escaping. */
function callInText(functions: ReadonlySet<string>): RegExp {
  return new RegExp(String.raw`\b(?:${[...functions].join("|")})\s*[({]|"(?:function|name|arguments)"\s*:`);
}

/**
 * What is wrong with the first answer of a brand-new agent, told so that the model can mend it; undefined if nothing.
 * Models that get the form wrong at once keep getting it wrong, because they imitate what is in their context.
 */
export function firstMessageFault(completion: Completion, functions: ReadonlySet<string>): string | undefined {
  const [call] = completion.calls;
  if (call === undefined) return "You answered without calling a function. Call send_message to talk to the person.";
  if (!functions.has(call.name)) return `You called ${call.name}, which does not exist. Call send_message to talk.`;
  if (callInText(functions).test(completion.content ?? "")) {
    return "You wrote a function call into your private thought. Make the call instead of writing it.";
  }
  return undefined;
}
