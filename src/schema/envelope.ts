import * as z from "zod";
import { once } from "./once.ts";

/** What packed events, function returns and the arguments of `send_message` have in common. */
export const envelopeSchema = once(() => z.looseObject({ message: z.string() }));
