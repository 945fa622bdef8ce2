/** Names that models give the parts of an answer, whatever the prompt says. The first of each is the prompt's. */
export const THOUGHT_KEYS: ReadonlySet<string> = new Set([
  "thoughts",
  "thought",
  "inner_thoughts",
  "inner_thought",
  "inner_monologue",
  "thinking",
  "reasoning",
]);

export const NAME_KEYS: ReadonlySet<string> = new Set([
  "function",
  "name",
  "function_name",
  "tool",
  "tool_name",
  "action",
  "function_call",
]);

export const ARGUMENT_KEYS: ReadonlySet<string> = new Set([
  "arguments",
  "params",
  "parameters",
  "args",
  "action_input",
  "input",
  "kwargs",
]);
