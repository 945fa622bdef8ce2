/** A name in core memory, and whether it is that of the person or of the agent. */
export type Person = { readonly name: string; readonly role: "user" | "assistant" };
