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
  /** The origin of the text, for errors. */
  readonly from: string;
};

/**
 * Saves a text after checking that an agent can use it. @returns its file. @throws MemGPTError that says what is wrong.
 */
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
  const excess = `The ${what} has ${length} characters, but a block of core memory holds ${limit}.`;
  throw new MemGPTError("invalid_input", `${excess} Shorten it by ${length - limit}, or raise core_memory_limit.`);
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
