import { call } from "../client/call.ts";
import { revision } from "./revision.ts";
import { agentId, tell } from "./view.ts";

export async function undo(): Promise<void> {
  const { actions } = await call("post /v1/agents/{agent_id}/undo", { params: { agent_id: agentId.value }, body: {} });
  tell(actions.length === 0 ? "Nothing is left to undo." : `Undone: ${labels(actions)}.`);
}

export async function redo(): Promise<void> {
  const { actions } = await call("post /v1/agents/{agent_id}/redo", { params: { agent_id: agentId.value } });
  tell(actions.length === 0 ? "Nothing was undone since." : `Redone: ${labels(actions)}.`);
}

function labels(actions: readonly { readonly label: string }[]): string {
  return actions.map(({ label }) => label).join(", ");
}

/** Goes to a checkpoint, memory and searches included. */
export async function goTo(checkpoint: string): Promise<void> {
  const { checkpoint: reached } = await call("post /v1/agents/{agent_id}/checkpoints/load", {
    params: { agent_id: agentId.value },
    body: { checkpoint },
  });
  tell(`Memory is as it was after ${reached.name ?? reached.after ?? "the beginning"}. One undo comes back.`);
}

/** Keeps a checkpoint of now for ever. */
export async function keepPoint(): Promise<void> {
  await call("post /v1/agents/{agent_id}/checkpoints", { params: { agent_id: agentId.value }, body: {} });
  revision.value += 1;
  tell("This point is kept for ever.");
}
