import type { AskConsent, ConsentAnswer, ConsentRequest } from "../../index.ts";
import type { SlashTerminal } from "../slash/command.ts";

/** Where the agents of a session ask for consent. Until a chat opens it, every answer is no. */
export class ConsentDesk {
  #ask: AskConsent | undefined;

  open(ask: AskConsent): void {
    this.#ask = ask;
  }

  readonly ask: AskConsent = (request) => this.#ask?.(request) ?? "no";
}

// "No" comes first, so that a key pressed by accident does no harm.
const ANSWERS = [
  { value: "no", name: "No, not this time" },
  { value: "once", name: "Yes, this once" },
  { value: "always", name: "Always, for this agent" },
  { value: "never", name: "Never, for this agent" },
] as const satisfies readonly { value: ConsentAnswer; name: string }[];

const PROPOSAL_ANSWERS = [
  { value: "no", name: "No, keep it" },
  { value: "once", name: "Yes, erase it" },
] as const satisfies readonly { value: ConsentAnswer; name: string }[];

/** Characters of the arguments that are shown. */
const MOST_SHOWN = 2000;

/** Shows a call that acts outside memory and asks about it. Cancelling means no. */
export async function askConsent(
  { agent, name, arguments: written, forgets }: ConsentRequest,
  terminal: Pick<SlashTerminal, "show" | "pick">,
): Promise<ConsentAnswer> {
  if (forgets !== undefined) {
    const { renderForgettable, renderRewrite } = await import("../slash/forgetting.ts");
    terminal.show(`${agent} proposes to erase, for good, everything that says this:\n${written}`);
    terminal.show(
      [renderForgettable(forgets), ...forgets.rewrites.map((rewrite) => renderRewrite(rewrite))].join("\n"),
    );
    return (await terminal.pick("Forget this for good? No undo brings it back.", PROPOSAL_ANSWERS)) === "once"
      ? "once"
      : "no";
  }
  const more = written.length - MOST_SHOWN;
  const shown = more > 0 ? `${written.slice(0, MOST_SHOWN)}… (${more} more characters)` : written;
  terminal.show(`${agent} wants to call ${name}, which acts outside its memory and cannot be undone:\n${shown}`);
  const answer = await terminal.pick(`Let it call ${name}?`, ANSWERS);
  return ANSWERS.find(({ value }) => value === answer)?.value ?? "no";
}
