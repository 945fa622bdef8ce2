import { readFileSync } from "node:fs";
import * as z from "zod";
import { defined } from "../schema/defined.ts";
import { once } from "../schema/once.ts";
import { type QuirkStore, type Quirks, memoryQuirks } from "../ports/quirks.ts";
import { writeFileAtomic } from "../storage/files/atomic.ts";
import { exclusively } from "../storage/files/exclusive.ts";

// An unknown value, written by a later version, counts as absent.
const quirksSchema = once(() =>
  z.object({
    functionCalling: z.enum(["native", "json"]).optional().catch(undefined),
    innerThoughts: z.enum(["content", "parameter"]).optional().catch(undefined),
    maxTokensField: z.enum(["max_tokens", "max_completion_tokens"]).optional().catch(undefined),
    streamOptions: z.boolean().optional().catch(undefined),
    stream: z.boolean().optional().catch(undefined),
    responseFormat: z.enum(["json_schema", "json_object_schema", "json_object", "none"]).optional().catch(undefined),
  }),
);

const fileSchema = once(() => z.record(z.string(), z.record(z.string(), z.unknown())));

/**
 * Quirks in a JSON file, by endpoint and model, so that the next process knows what this one learnt. A damaged, unreadable or
 * read-only file is ignored: its content can be learnt again.
 */
export function fileQuirks(file: string, { endpoint, model }: { endpoint: string | null; model: string }): QuirkStore {
  const key = `${withoutCredentials(endpoint ?? "openai")} ${model}`;
  const store = memoryQuirks(known(readAll(file)[key] ?? {}));
  return {
    get: () => store.get(),
    learn(found) {
      store.learn(found);
      try {
        // Another process may have learnt something meanwhile.
        exclusively(file, () => {
          const all = readAll(file);
          writeFileAtomic(file, `${JSON.stringify({ ...all, [key]: { ...all[key], ...found } }, null, 2)}\n`);
        });
      } catch {
        // This process remembers it; the next one learns it again.
      }
    },
  };
}

function readAll(file: string): z.infer<ReturnType<typeof fileSchema>> {
  try {
    return fileSchema().parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}

function known(entry: Readonly<Record<string, unknown>>): Quirks {
  return defined(quirksSchema().parse(entry));
}

function withoutCredentials(endpoint: string): string {
  return endpoint.replace(/\/\/[^/@]*@/, "//");
}
