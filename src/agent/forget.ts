import { MemGPTError } from "../errors.ts";
import { folded } from "../memory/forgetting.ts";
import type { ForgetOptions } from "../ports/forgetting.ts";
import type { ForgetOrder, ForgetRequest, Forgettable } from "../schema/forgetting.ts";
import type { AgentState } from "../schema/state.ts";
import { dateRange } from "../time/dates.ts";
import { type FieldRules, aFlag, aText, filledText, listOf, optionsOf } from "./expect.ts";
import type { AgentParts } from "./deps.ts";
import type { Saving } from "./saving.ts";

/** `keep`: labels of blocks, `summary` or ids of passages to leave unchanged. `by`: who asks, for the journal (default: library). */
export type ForgetChoices = { readonly keep?: readonly string[] | undefined; readonly by?: string | undefined };

const request: FieldRules<ForgetRequest> = {
  match: filledText,
  message: aText,
  passage: aText,
  source: aText,
  from: aText,
  to: aText,
  allUndone: aFlag,
};
export const forgetRequest = optionsOf<ForgetRequest>(request);
export const forgetChoices = optionsOf<ForgetChoices>({ keep: listOf(aText), by: aText });

/** The parts of a session that forgetting needs. */
export type ForgettingSession = {
  readonly state: AgentState;
  readonly parts: Pick<AgentParts, "forgetting" | "now" | "store" | "askConsent" | "notices">;
  readonly saving: Pick<Saving, "settled">;
  arrive(move: { readonly state: AgentState }): Promise<void>;
};

/** Fewest characters of a text to forget: a shorter one occurs in almost everything. */
const SHORTEST_MATCH = 3;

type Preview = { readonly order: ForgetOrder; readonly found: Forgettable };

export async function forgettable(
  session: ForgettingSession,
  request: ForgetRequest,
  choices: ForgetChoices,
): Promise<Preview> {
  const { forgetting, now } = session.parts;
  const { keep = [], by = "library" } = choices;
  const options: ForgetOptions = { by, at: now(), keep };
  return forgetting.preview(await checked(request, options.at), options);
}

/** Forgets, after writing the checkpoints that are due, so that none with the old content is written later. */
export async function forget(
  session: ForgettingSession,
  request: ForgetRequest,
  choices: ForgetChoices,
): Promise<Forgettable> {
  await session.saving.settled(session.state);
  const { order, found } = await forgettable(session, request, choices);
  if (!concernsAnything(found)) return found;
  const { forgetting, store } = session.parts;
  try {
    await forgetting.forget(order);
  } finally {
    // Even if this failed halfway, the state may have changed already.
    const state = await store.history.load();
    if (state !== undefined) await session.arrive({ state });
  }
  return found;
}

export function concernsAnything({
  excerpts,
  rewrites,
  notes,
  backups,
  copies,
  remains,
  sharers,
  ...counts
}: Forgettable): boolean {
  return rewrites.length + sharers.length > 0 || Object.values(counts).some((count) => count > 0);
}

/** The request with days as times. @throws MemGPTError `invalid_input` unless it asks for one thing. */
async function checked({ from, to, ...rest }: ForgetRequest, now: string): Promise<ForgetRequest> {
  const asked = Object.entries(rest).filter(([, value]) => value !== undefined && value !== false);
  const isDated = from !== undefined || to !== undefined;
  if (asked.length + (isDated ? 1 : 0) !== 1) {
    const ways = "a text, a message, a passage, a source, days, or all that was undone";
    const named =
      asked.length === 0 && !isDated ? "Nothing to forget was named" : "More than one thing to forget was named";
    throw new MemGPTError("invalid_input", `${named}. Nothing was forgotten; name one of: ${ways}.`);
  }
  if (rest.match !== undefined && folded(rest.match.trim()).length < SHORTEST_MATCH) {
    const message = `The text must have at least ${SHORTEST_MATCH} characters (got "${rest.match}"). Nothing was forgotten.`;
    throw new MemGPTError("invalid_input", message);
  }
  if (!isDated) return rest.match === undefined ? rest : { match: rest.match.trim() };
  try {
    const first = from === undefined ? undefined : (await dateRange(from, from, now)).from;
    const last = to === undefined ? undefined : (await dateRange(to, to, now)).to;
    return { from: first, to: last };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MemGPTError("invalid_input", `${reason}. Nothing was forgotten.`, { cause });
  }
}
