import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";
import { MemGPTError, describe, didYouMean } from "../errors.ts";
import { type Home, checkName } from "../storage/files/paths.ts";
import { packageRoot } from "../version.ts";

/** Kinds of text that people can supply in a folder of that name in the home directory; theirs win over the shipped ones. */
export type ResourceKind = "presets" | "personas" | "humans";

/** A named text and its origin. */
export type Resource = {
  readonly name: string;
  readonly text: string;
  readonly origin: "user" | "shipped";
  readonly file: string;
  /** Of presets, where the file has one. */
  readonly description?: string;
};

const EXTENSIONS: Record<ResourceKind, readonly string[]> = {
  presets: [".yaml", ".yml"],
  personas: [".txt", ""],
  humans: [".txt", ""],
};

const presetSchema = z.object({
  description: z.string().optional(),
  system_prompt: z.string(),
  functions: z.array(z.string()).min(1),
  persona: z.string().default("sam_pov"),
  human: z.string().default("basic"),
  reminders: z.boolean().default(false),
});

/** What a new agent starts from. `system` is the text of the prompt. */
export type Preset = {
  readonly name: string;
  /** Where it was read from. */
  readonly file: string;
  readonly system: string;
  readonly functions: readonly string[];
  readonly persona: string;
  readonly human: string;
  /** Whether its agents get a reminder with every request, whatever the configuration. */
  readonly reminders: boolean;
};

/** All of one kind by name. A person's own replaces the shipped one of the same name. */
export function listResources(home: Home, kind: ResourceKind): Resource[] {
  const found = new Map<string, Resource>();
  for (const origin of ["user", "shipped"] as const) {
    for (const { name, file } of filesOf(folder(home, kind, origin), EXTENSIONS[kind])) {
      if (found.has(name)) continue;
      const text = readText(file);
      found.set(name, { name, text, origin, file, ...(kind === "presets" ? describedBy(text) : {}) });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** @throws MemGPTError `not_found`, listing the names; `invalid_name`. */
export function readResource(home: Home, kind: ResourceKind, name: string): Resource {
  const singular = kind.replace(/s$/, "");
  checkName(name, singular);
  const all = listResources(home, kind);
  const resource = all.find((candidate) => candidate.name === name);
  if (resource !== undefined) return resource;
  const names = all.map((candidate) => candidate.name);
  throw new MemGPTError(
    "not_found",
    `No ${singular} named ${name}.${didYouMean(name, names)} There are: ${names.join(", ")}.`,
  );
}

/** @throws MemGPTError `not_found` if the preset or its system prompt does not exist, `config_invalid` if it is damaged. */
export async function readPreset(home: Home, name: string): Promise<Preset> {
  const resource = readResource(home, "presets", name);
  const { system_prompt: prompt, ...preset } = await parsePreset(resource);
  checkName(prompt, "system prompt");
  const file = [folder(home, "presets", "user"), folder(home, "presets", "shipped")]
    .map((directory) => join(directory, "system", `${prompt}.txt`))
    .find(existsSync);
  if (file === undefined) {
    throw new MemGPTError(
      "not_found",
      `Preset ${name} names the system prompt ${prompt}, but system/${prompt}.txt does not exist.`,
    );
  }
  return { name, file: resource.file, system: readText(file).trim(), ...preset };
}

/** Every line of the personas, humans and prompts that this home has: what they say is known to whoever uses it. */
export async function resourceLines(home: Home): Promise<ReadonlySet<string>> {
  const texts = (["personas", "humans"] as const).flatMap((kind) => listResources(home, kind).map(({ text }) => text));
  for (const { name } of listResources(home, "presets")) {
    const preset = await readPreset(home, name).catch(() => undefined);
    if (preset !== undefined) texts.push(preset.system);
  }
  return new Set(texts.flatMap((text) => text.split("\n").map((line) => line.trim())));
}

/** The description in a preset, if it is on one line. A damaged preset has none here; using it reports what is wrong. */
function describedBy(text: string): { description?: string } {
  const [, , quoted, plain] = /^description:[ \t]*(?:(["'])(.*)\1|([^"'>|\s].*))[ \t]*$/m.exec(text) ?? [];
  const description = (quoted ?? plain ?? "").trim();
  return description === "" ? {} : { description };
}

async function parsePreset({ name, text, file }: Resource): Promise<z.infer<typeof presetSchema>> {
  try {
    const { default: yaml } = await import("yaml");
    return presetSchema.parse(yaml.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : describe(error);
    throw new MemGPTError(
      "config_invalid",
      `Preset ${name} (${file}) cannot be read: ${reason.split("\n").slice(0, 2).join(" ").replace("✖ ", "")}.`,
    );
  }
}

function folder(home: Home, kind: ResourceKind, origin: "user" | "shipped"): string {
  return origin === "user" ? home[kind] : join(packageRoot(), kind);
}

function filesOf(directory: string, extensions: readonly string[]): { name: string; file: string }[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((file) => !file.startsWith(".") && isFile(join(directory, file)))
    .flatMap((file) => {
      const extension = extensions.find((candidate) => file.endsWith(candidate));
      if (extension === undefined || (extension === "" && file.includes("."))) return [];
      return [{ name: basename(file, extension), file: join(directory, file) }];
    });
}

/** Follows symbolic links. A dangling or circular link does not exist. */
function isFile(path: string): boolean {
  return existsSync(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Reads a text file without its byte order mark and with Unix line endings. */
function readText(file: string): string {
  return readFileSync(file, "utf8")
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll("\0", "\uFFFD");
}
