import { MemGPTError } from "../errors.ts";
import { screenedText } from "../agent/screening.ts";
import { secretPolicy } from "../settings/config.ts";
import { presetOf } from "../settings/presets.ts";
import { singular, writeResource } from "../settings/resource-files.ts";
import { type ResourceKind, readResource } from "../settings/resources.ts";
import type { Household } from "./household.ts";
import { checkFunctions, usualLimit } from "./new-agent.ts";

export type NamedText = {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly text: string;
  /** Where the text is from, as errors name it. */
  readonly from: string;
};

/** Keeps a text that an agent can be made from. @returns its file. @throws MemGPTError, saying what is wrong with it. */
export async function saveResource(house: Household, { kind, name, text: written, from }: NamedText): Promise<string> {
  const { text } = await screenedText(written, secretPolicy(house.config));
  try {
    if (kind === "presets") await checkPreset(house, { name, text, file: from });
    else checkLength(house, kind, text.trim());
    return writeResource(house.home, kind, name, text);
  } catch (error) {
    if (!(error instanceof MemGPTError)) throw error;
    throw new MemGPTError(error.code, `${error.message} Nothing was saved.`, { cause: error });
  }
}

function checkLength({ config }: Household, kind: ResourceKind, { length }: string): void {
  const what = singular(kind);
  if (length === 0) throw new MemGPTError("invalid_input", `The ${what} has no text.`);
  const limit = usualLimit(config);
  if (length <= limit) return;
  const much = `The ${what} has ${length} characters, ${limit} fit into a block of core memory.`;
  throw new MemGPTError("invalid_input", `${much} Shorten it by ${length - limit}, or raise core_memory_limit.`);
}

async function checkPreset(
  { home, functions }: Household,
  file: { readonly name: string; readonly text: string; readonly file: string },
): Promise<void> {
  const preset = await presetOf(home, file);
  checkFunctions(preset, await functions());
  for (const kind of ["persona", "human"] as const) {
    try {
      readResource(home, `${kind}s`, preset[kind]);
    } catch (error) {
      if (!(error instanceof MemGPTError)) throw error;
      throw new MemGPTError(error.code, `${preset.place(kind)}: ${error.message}`, { cause: error });
    }
  }
}
