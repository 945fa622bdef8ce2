import type { MemGPT, ResourceKind } from "../../index.ts";
import { editExternally } from "../chat/external-editor.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { jsonText } from "../terminal/json-text.ts";
import { isConfirmed } from "../terminal/confirm.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";
import { visible } from "../terminal/sanitize.ts";
import { textArgument } from "../terminal/text-argument.ts";

export type ResourceNoun = "persona" | "human" | "preset";
export type AddOptions = { readonly text?: string; readonly file?: string; readonly yes?: boolean };

const kindOf = (noun: ResourceNoun): ResourceKind => `${noun}s`;

/** `memgpt add persona|human|preset NAME`. Asks before it replaces one that the person added. */
export async function addResource(noun: ResourceNoun, name: string, options: AddOptions): Promise<void> {
  const { text, file, yes } = options;
  const memgpt = await openHome();
  const content = (await textArgument(options)) ?? "";
  if (ownNamed(memgpt, noun, name) && yes !== true) {
    const refusal = `You have a ${noun} named ${name}. Nothing was saved; pass --yes to replace it.`;
    if (!(await isConfirmed(`Replace your ${noun} ${name}?`, refusal))) {
      print("Nothing was saved.");
      return;
    }
  }
  const saved = await memgpt.resources.save(kindOf(noun), name, content, text === undefined ? file : "--text");
  print(savedText(noun, name, saved));
}

/** `memgpt show persona|human|preset NAME`. */
export async function showResource(
  noun: ResourceNoun,
  name: string,
  { json = false }: { json?: boolean },
): Promise<void> {
  const { text, ...rest } = (await openHome()).resources.read(kindOf(noun), name);
  process.stdout.write(
    json ? `${jsonText({ ...rest, text }, 2)}\n` : visible(text.endsWith("\n") ? text : `${text}\n`),
  );
}

/** `memgpt edit persona|human|preset NAME`. Editing a shipped one saves a copy of the person's own. */
export async function editResource(noun: ResourceNoun, name: string): Promise<void> {
  const memgpt = await openHome();
  const { text, origin } = memgpt.resources.read(kindOf(noun), name);
  const { signal, stop } = onInterrupt();
  try {
    await editExternally(
      text,
      name,
      async (edited) => {
        if (edited === text) {
          print(`${name} is unchanged.`);
          return;
        }
        const file = await memgpt.resources.save(kindOf(noun), name, edited);
        print(`${savedText(noun, name, file)}${origin === "shipped" ? " The shipped one stays as it is." : ""}`);
      },
      signal,
    );
  } finally {
    stop();
  }
}

/** `memgpt delete persona|human|preset NAME`. Asks first. */
export async function deleteResource(
  noun: ResourceNoun,
  name: string,
  { yes = false }: { yes?: boolean },
): Promise<void> {
  const memgpt = await openHome();
  const kind = kindOf(noun);
  const { origin } = memgpt.resources.read(kind, name);
  if (origin === "user" && !yes) {
    const refusal = `Deleting ${name} cannot be undone. Nothing was deleted; pass --yes to delete it without confirmation.`;
    if (!(await isConfirmed(`Delete ${noun} ${name}, for good?`, refusal))) {
      print("Nothing was deleted.");
      return;
    }
  }
  memgpt.resources.delete(kind, name);
  const left = memgpt.resources.list(kind).find((resource) => resource.name === name);
  const then = left === undefined ? "" : " The shipped one of that name is used again.";
  const isDefault = left === undefined && memgpt.config[noun] === name;
  const missing = isDefault ? ` New agents still ask for it: memgpt configure set ${noun} NAME.` : "";
  print(`Deleted ${noun} ${name}.${then}${missing} Existing agents are unchanged.`);
}

function ownNamed(memgpt: MemGPT, noun: ResourceNoun, name: string): boolean {
  return memgpt.resources.list(kindOf(noun)).some((resource) => resource.name === name && resource.origin === "user");
}

function savedText(noun: ResourceNoun, name: string, file: string): string {
  return `Saved ${noun} ${name} (${file}). New agents can use it: memgpt run AGENT --${noun} ${name}`;
}
