import type { AgentEvent, Message } from "../../index.ts";

/** An event of the turn; or, where the message was answered already, a message that was stored then. */
export type TurnItem = AgentEvent | { readonly type: "stored"; readonly message: Message };
