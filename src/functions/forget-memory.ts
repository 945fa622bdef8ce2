import * as z from "zod";
import { type AgentFunction, defineFunction } from "./define.ts";
import type { Effect } from "./effects.ts";

const proposal = defineFunction({
  name: "forget_memory",
  kind: "plain",
  description:
    "Proposes to erase everything that says a text, for good. The person sees what would go and decides. Only on their request.",
  parameters: z.object({ text: z.string().describe("Words to erase, exactly as they were said.") }),
  async run({ text }, { proposeForgetting }) {
    const { agreed, why } = await proposeForgetting(text);
    if (!agreed) throw new Error(`nothing was erased: ${why}. Do not repeat the call; tell the person`);
    return { output: "The person agreed. It is erased when this turn ends.", effects: [erase(text)] };
  },
});

/** Only a proposal: the person sees what would go, and decides. */
export const forgetMemory: AgentFunction = { ...proposal, proposes: true };

/** Erases everything that says `text` once the turn has ended, because the turn itself mentions it. */
function erase(text: string): Effect {
  return {
    type: "erase",
    apply: (draft) => {
      draft.erase(text);
    },
  };
}
