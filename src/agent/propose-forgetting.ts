import { MemGPTError, describe } from "../errors.ts";
import type { ForgetProposal } from "../functions/define.ts";
import type { Forgettable } from "../schema/forgetting.ts";
import type { AgentDeps } from "./deps.ts";
import { type ForgettingSession, concernsAnything, forget, forgettable } from "./forget.ts";

/** Name of the function with which a model proposes to forget. */
const FORGET_MEMORY = "forget_memory";

/** The parts of a session that this needs. */
type Session = ForgettingSession & {
  /** Texts that the person agreed to erase, once the turn has ended. */
  readonly erasing: string[];
};

/** Lets the functions of a turn propose to erase something, and schedule it. */
export function proposals(session: Session): Pick<AgentDeps, "proposeForgetting" | "eraseLater"> {
  return {
    proposeForgetting: (text, signal) => propose(session, text, signal),
    eraseLater: (texts) => {
      session.erasing.push(...texts);
    },
  };
}

async function propose(session: Session, text: string, signal: AbortSignal | undefined): Promise<ForgetProposal> {
  const { askConsent, notices } = session.parts;
  const { name } = session.state;
  if (askConsent === undefined) {
    const byHand = `\`memgpt forget ${name} --match TEXT\` and /forget TEXT erase it`;
    notices.add(
      `${name} proposed to erase something for good. Nobody could be asked, so nothing was erased; ${byHand}.`,
    );
    return { agreed: false, why: `nobody could be asked; ${byHand}` };
  }
  let forgets: Forgettable;
  try {
    ({ found: forgets } = await forgettable(session, { match: text }, { by: FORGET_MEMORY }));
  } catch (error) {
    if (error instanceof MemGPTError) return { agreed: false, why: describe(error) };
    throw error;
  }
  if (!concernsAnything(forgets)) return { agreed: false, why: "no memory says this" };
  const request = { agent: name, name: FORGET_MEMORY, arguments: JSON.stringify({ text }), forgets, signal };
  const answer = await askConsent(request);
  signal?.throwIfAborted();
  return answer === "once" || answer === "always" ? { agreed: true } : { agreed: false, why: "the person said no" };
}

/** Erases what the person agreed to, including the turn that mentioned it. A failure becomes a notice. */
export async function eraseAgreed(session: Session): Promise<void> {
  const texts = session.erasing.splice(0);
  const { notices } = session.parts;
  for (const match of texts) {
    try {
      const { remains } = await forget(session, { match }, { by: FORGET_MEMORY });
      notices.add(`Erased, as you agreed. ${remains}`);
    } catch (error) {
      notices.add(`What you agreed to erase could not be erased: ${describe(error)}`);
    }
  }
}
