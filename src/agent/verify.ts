import type { Completion } from "../schema/context.ts";

/** Attempts at the first answer of a brand-new agent. */
export const FIRST_MESSAGE_ATTEMPTS = 3;

/** Matches a call of one of `functions` written into a thought instead of made. Names need no escaping. */
function callInText(functions: ReadonlySet<string>): RegExp {
  return new RegExp(String.raw`\b(?:${[...functions].join("|")})\s*[({]|"(?:function|name|arguments)"\s*:`);
}

/**
 * What is wrong with the first answer of a brand-new agent, worded for the model; undefined if it is well-formed. Models that
 * get the form wrong at first keep getting it wrong, because they imitate their context.
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
