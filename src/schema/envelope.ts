import * as z from "zod";

/** What packed events, function returns and the arguments of `send_message` have in common. */
export const envelopeSchema = z.looseObject({ message: z.string() });
