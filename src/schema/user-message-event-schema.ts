import { userMessageEvent } from "./user-message-event.ts";

/** The schema of a message from a person. */
export const userMessageEventSchema = userMessageEvent();
