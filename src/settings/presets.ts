import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { once } from "../schema/once.ts";
import { MemGPTError, describe } from "../errors.ts";
import { type Home, checkName } from "../storage/files/paths.ts";
import { type Resource, listResources, readResource, readText, resourceFolder } from "./resources.ts";

const presetSchema = once(() =>
  z.object({
    description: z.string().optional(),
    system_prompt: z.string(),
    functions: z.array(z.string()).min(1),
    persona: z.string().default("sam_pov"),
    human: z.string().default("basic"),
    reminders: z.boolean().default(false),
  }),
);

/** The starting point of a new agent. `system` is the text of the prompt. */
export type Preset = {
  readonly name: string;

  readonly file: string;
  readonly system: string;
  readonly functions: readonly string[];
  readonly persona: string;
  readonly human: string;
  /** Whether its agents get a reminder with every request, regardless of the configuration. */
  readonly reminders: boolean;
  /** File and line of a field, or of its nearest existing parent, for errors. */
  readonly place: (...path: readonly (string | number)[]) => string;
};

/** @throws MemGPTError `not_found` if the preset or its system prompt does not exist, `config_invalid` if it is damaged. */
export async function readPreset(home: Home, name: string): Promise<Preset> {
  return presetOf(home, readResource(home, "presets", name));
}

/** @throws MemGPTError `not_found` if its system prompt does not exist, `config_invalid` with the line of the error. */
export async function presetOf(
  home: Home,
  { name, text, file }: Pick<Resource, "name" | "text" | "file">,
): Promise<Preset> {
  const {
    default: { LineCounter, isNode, parseDocument },
  } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const place = (...path: readonly (string | number)[]): string => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return `${file}, line ${lines.linePos(node.range[0]).line}`;
    }
    return `${file}, line 1`;
  };
  const refuse = (where: string, reason: string, cause?: unknown): never => {
    const text = `Preset ${name} cannot be used: ${where}: ${reason.replace(/\.$/, "")}.`;
    throw new MemGPTError("config_invalid", text, { cause });
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    const reason = (broken.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
    return refuse(`${file}, line ${broken.linePos?.[0].line ?? 1}`, reason, broken);
  }
  const parsed = presetSchema().safeParse(valueOf(document, refuse, place));
  const [issue] = parsed.error?.issues ?? [];
  if (parsed.data === undefined) {
    const path = (issue?.path ?? []).map((key) => (typeof key === "number" ? key : String(key)));
    return refuse(place(...path), `${path.join(".")}: ${issue?.message ?? "it is not a preset"}`.replace(/^: /, ""));
  }
  const { system_prompt: prompt, ...preset } = parsed.data;
  checkName(prompt, "system prompt");
  const system = [resourceFolder(home, "presets", "user"), resourceFolder(home, "presets", "shipped")]
    .map((directory) => join(directory, "system", `${prompt}.txt`))
    .find(existsSync);
  if (system === undefined) {
    throw new MemGPTError(
      "not_found",
      `${place("system_prompt")}: preset ${name} names the system prompt ${prompt}, but ` +
        `${join(home.presets, "system", `${prompt}.txt`)} does not exist.`,
    );
  }
  return { name, file, system: readText(system).trim(), place, ...preset };
}

/** Every line of this home's personas, humans and prompts, which its users know and trust. */
export async function resourceLines(home: Home): Promise<ReadonlySet<string>> {
  const texts = (["personas", "humans"] as const).flatMap((kind) => listResources(home, kind).map(({ text }) => text));
  for (const { name } of listResources(home, "presets")) {
    const preset = await readPreset(home, name).catch(() => undefined);
    if (preset !== undefined) texts.push(preset.system);
  }
  return new Set(texts.flatMap((text) => text.split("\n").map((line) => line.trim())));
}

/** Resolves aliases, which throws for an alias without an anchor. */
function valueOf(
  document: { toJS(): unknown },
  refuse: (where: string, reason: string, cause?: unknown) => never,
  place: Preset["place"],
): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return refuse(place(), describe(error), error);
  }
}
