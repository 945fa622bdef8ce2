import * as z from "zod";

/** A call in an agent file. */
export const callSchema = z
  .object({ id: z.string().nullish(), function: z.object({ name: z.string(), arguments: z.string() }) })
  .loose();

/** The content of a message in an agent file: a text, or parts, some with text. */
export const contentSchema = z
  .union([z.string(), z.array(z.object({ type: z.string().nullish(), text: z.string().nullish() }).loose())])
  .nullish();

export function contentOf({ content }: { readonly content?: z.infer<typeof contentSchema> }): string {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text }) => text ?? "").join("\n");
}
