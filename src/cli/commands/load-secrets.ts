import type { LoadEvent, SecretsFound, SecretsPolicy } from "../../index.ts";
import { counted, namedFew } from "../terminal/one-line.ts";
import { visible } from "../terminal/sanitize.ts";

type Found = Extract<LoadEvent, { type: "secrets" }>;

/** What a load does with secrets: `--secrets` decides, else the setting. "ask" redacts where nobody can be asked. */
export function secretsPolicy(
  flag: "keep" | "redact" | "skip" | undefined,
  setting: "ask" | "keep" | "redact",
  beforeAsking: () => void,
): SecretsPolicy {
  if (flag !== undefined) return flag;
  if (setting !== "ask") return setting;
  if (!process.stdin.isTTY || !process.stderr.isTTY) return "redact";
  return async (found) => {
    beforeAsking();
    return ask(found);
  };
}

async function ask({ document, kinds }: SecretsFound): Promise<"keep" | "redact" | "skip"> {
  const { default: select } = await import("@inquirer/select");
  return select(
    {
      message: visible(
        `${document} contains a secret: ${kinds.join(" and ")}. Passages are searched and sent to the model. What about all such files?`,
      ),
      choices: [
        { value: "redact", name: "load them without their secrets" },
        { value: "keep", name: "load them unchanged" },
        { value: "skip", name: "do not load them" },
      ],
    },
    { output: process.stderr },
  );
}

/** How many secrets a load found, and where. */
export function secretsText(found: readonly Found[]): string {
  const kinds = [...new Set(found.flatMap((event) => event.kinds))].join(", ");
  const files = namedFew(found.map(({ document }) => document));
  if (found[0]?.choice === "skip")
    return `Left out ${counted(found.length, "document")} with secrets (${kinds}): ${files}.`;
  const count = found.reduce((sum, event) => sum + event.count, 0);
  return `Redacted ${counted(count, "secret")} before storing (${kinds}), in ${files}.`;
}
