/**
 * Error texts of servers whose model, or whose configuration, lacks function calling.
 *
 * @source Ollama (400), https://github.com/ollama/ollama/issues/6027
 * @source xAI (400), https://github.com/google/adk-python/issues/952
 * @source vLLM (400), https://github.com/vllm-project/vllm/issues/9986
 * @source llama.cpp (500), https://github.com/containers/ramalama/issues/988
 * @source OpenRouter (404), https://github.com/anomalyco/opencode/issues/1675
 */
const NO_TOOLS: readonly RegExp[] = [
  // Ollama: "gemma3:4b does not support tools"; xAI: "does not support tool use or function calling".
  /\b(?:does|do) not support (?:the )?(?:use of )?["'`]?(?:tools?|functions?|function[ _]calling|tool[ _](?:calls?|calling|use|choice))\b/i,
  // vLLM.
  /tool choice requires --enable-auto-tool-choice/i,
  // llama.cpp; older versions: "Cannot use tools with stream".
  /tools param requires --jinja/i,
  /cannot use tools with stream/i,
  // OpenRouter.
  /no endpoints found that support (?:tool use|the provided ["'`]?tool_choice)/i,
  // Groq: "`tool calling` is not supported with this model"; "tools are not supported".
  /["'`]?\b(?:tools?|tool[ _](?:calls?|calling|use|choice)|function[ _]?(?:calls?|calling)|functions)\b["'`]?(?: \w+)? (?:is|are) (?:not (?:yet )?(?:supported|available|enabled)|unsupported)/i,
  /\btools? (?:calling |use )?not supported\b/i,
  // Servers that do not know the field.
  /(?:unrecognized|unknown|unexpected|unsupported|extra|invalid)\b[^.\n]{0,40}\b(?:argument|parameter|field|property|key|input)s?\b[^.\n]{0,40}["'`: ](?:tools|tool_choice|functions)\b/i,
  // Chat templates that refuse the roles native calling needs: Mistral's and Gemma's.
  /roles must alternate/i,
  /only user(?:,| and) assistant (?:and \w+ )?roles are supported/i,
];

/** Not implemented. */
const NOT_IMPLEMENTED = 501;

/** Whether this error means that the server does not support function calling. */
export function saysNoTools(text: string, status?: number): boolean {
  return status === NOT_IMPLEMENTED || NO_TOOLS.some((pattern) => pattern.test(text));
}

/** Whether the server could not read the call that its model wrote: Groq's `tool_use_failed` (400). */
export function saysCallFailed(text: string): boolean {
  return /\btool_use_failed\b|failed to call a function\. please adjust your prompt|tool call validation failed/i.test(
    text,
  );
}
