import type { AgentEvent, Message } from "../../index.ts";

/** An event of a turn, or, if the message was answered before, a message stored then. */
export type TurnItem = AgentEvent | { readonly type: "stored"; readonly message: Message };
