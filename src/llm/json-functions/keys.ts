/** What models call the parts of an answer, however they were told to. The first of each is what they are told. */
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
