import type { Agent, InputEvent } from "../../index.ts";

/** What a slash command has at hand. `width` is the columns that its text may take. */
export type SlashContext = { readonly agent: Agent; readonly width: number };

/** What the chat does next. Text is made safe to print by whoever prints it. */
export type SlashResult =
  | { readonly type: "print"; readonly text: string }
  | { readonly type: "send"; readonly event: InputEvent }
  | { readonly type: "multiline" }
  | { readonly type: "exit" };

/** One command: help, completion and the README's table are printed from it. */
export type SlashCommand = {
  readonly usage: string;
  readonly summary: string;
  run(argument: string, context: SlashContext): SlashResult | Promise<SlashResult>;
};
