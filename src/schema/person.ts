/** A name, and whose lines without a speaker are meant by it. */
export type Person = { readonly name: string; readonly role: "user" | "assistant" };
