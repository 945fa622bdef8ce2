/** One call the practice model wants to make. */
export type Call = { readonly name: string; readonly args: Readonly<Record<string, string | number | boolean>> };

/** What the practice model decides in one step: an internal monologue and the calls that follow from it. */
export type Answer = { readonly thought: string; readonly calls: readonly Call[] };

export function reply(thought: string, message: string): Answer {
  return { thought, calls: [{ name: "send_message", args: { message } }] };
}

/** A call after which the model gets another step. */
export function call(name: string, args: Call["args"]): Call {
  return { name, args: { ...args, request_heartbeat: true } };
}
