import type { Call } from "../../wire/entries.ts";
import { call } from "../client/call.ts";
import { begin } from "./conversation.ts";
import { agentId } from "./view.ts";

export type Consent = "once" | "always" | "no" | "never";

/** Answers a waiting call; `always` and `never` also apply to later calls. */
export async function answerCall({ id, name }: Call, consent: Consent): Promise<void> {
  if (consent === "always" || consent === "never") {
    const params = { agent_id: agentId.value, function: name };
    await call("put /v1/agents/{agent_id}/functions/{function}", { params, body: { consent } });
  }
  await begin({ kind: "answer", answers: [{ callId: id, allow: consent === "once" || consent === "always" }] });
}
