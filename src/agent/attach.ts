import { MemGPTError, didYouMean } from "../errors.ts";
import { calledByModel } from "../schema/hidden-name.ts";
import { packEvent } from "./pack.ts";
import type { Session } from "./session.ts";

/**
 * What an agent reads when documents become searchable for it.
 *
 * @source Packer et al. 2023, arXiv:2310.08560, figure 6
 */
const UPLOADED = "Archive Storage Upload Complete";

export async function attach(session: Session, source: string): Promise<void> {
  const { state, parts } = session;
  const attached = state.sources ?? [];
  if (attached.includes(source)) {
    throw new MemGPTError("invalid_input", `${source} is already attached. Nothing was changed.`);
  }
  const { archival } = await parts.sources.open(source);
  const passages = (await archival.size()).toLocaleString("en-US");
  const message = `${UPLOADED}: the source ${calledByModel(source)} (${passages} passages). Search it with archival_memory_search.`;
  const { newId, now } = parts;
  const alert = packEvent({ type: "system_alert", message }, { newId, now: now(), lastActiveAt: null });
  const next = { ...state, sources: [...attached, source], queue: [...state.queue, alert] };
  await session.commit(session.action(`/attach ${source}`), { state: next, messages: [alert] });
}

export async function detach(session: Session, source: string): Promise<void> {
  const { state } = session;
  const attached = state.sources ?? [];
  if (!attached.includes(source)) {
    const available = attached.length === 0 ? "No source is attached." : `Attached: ${attached.join(", ")}.`;
    throw new MemGPTError("not_found", `${source} is not attached.${didYouMean(source, attached)} ${available}`);
  }
  const next = { ...state, sources: attached.filter((name) => name !== source) };
  await session.commit(session.action(`/detach ${source}`), { state: next });
}
