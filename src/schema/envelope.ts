import * as z from "zod";

/** What every packed event and every function return has; and the arguments of `send_message`. */
export const envelopeSchema = z.looseObject({ message: z.string() });
