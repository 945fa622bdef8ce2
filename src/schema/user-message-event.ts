import * as z from "zod";
import { once } from "./once.ts";

/** A message from a person, as `--input-format stream-json` reads it. `time` backdates it; default: now. */
export const userMessageEvent = once(() =>
  z.object({
    type: z.literal("user_message"),
    message: z.string(),
    time: z.iso.datetime({ offset: true }).optional(),
  }),
);
export type UserMessageEvent = z.infer<ReturnType<typeof userMessageEvent>>;
