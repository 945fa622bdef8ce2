import { signal } from "@preact/signals";
import type { ForgetAsked } from "../../wire/forget-contracts.ts";
import { type Answer, call } from "../client/call.ts";
import { agentId, tell } from "./view.ts";

export type Forgettable = Answer<"post /v1/agents/{agent_id}/forget/preview">;

/** The pending request to forget something, until confirmed or cancelled; null if none. */
export const toForget = signal<ForgetAsked | null>(null);

/** What would be removed, and from where. Changes nothing. */
export async function findForgettable(asked: ForgetAsked): Promise<Forgettable> {
  return call("post /v1/agents/{agent_id}/forget/preview", { params: { agent_id: agentId.value }, body: asked });
}

/** Forgets for good. @param keep Labels of blocks, or `summary`, to leave unchanged. */
export async function forget(asked: ForgetAsked, keep: readonly string[]): Promise<void> {
  await call("post /v1/agents/{agent_id}/forget", {
    params: { agent_id: agentId.value },
    body: { ...asked, keep: [...keep] },
  });
  const stays = keep.length === 0 ? "" : ` It is still in ${keep.join(", ")}, as you chose.`;
  tell(`Forgotten for good.${stays} Backups and exports that you made are unchanged.`);
}
