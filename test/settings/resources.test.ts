import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SectionTokens } from "memgpt";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { homeAt } from "../../src/storage/files/paths.ts";
import { listResources, readResource } from "../../src/settings/resources.ts";
import { temporaryFolder, testHome } from "../support/agents.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const list = (folder: string) => readdirSync(join(root, folder), { withFileTypes: true }).filter((it) => it.isFile());
const paths = (folder: string) => list(folder).map(({ name }) => `${folder}/${name}`);
const read = (path: string) => readFileSync(join(root, path), "utf8");

const presets = paths("presets");
const prompts = paths("presets/system");
const blocks = [...paths("personas"), ...paths("humans")];

const baseFunctions = [
  "send_message",
  "pause_heartbeats",
  "core_memory_append",
  "core_memory_replace",
  "conversation_search",
  "conversation_search_date",
  "archival_memory_insert",
  "archival_memory_search",
];

const presetSchema = z.strictObject({
  description: z.string().min(10),
  system_prompt: z.string(),
  functions: z.array(z.string()),
  persona: z.string(),
  human: z.string(),
  reminders: z.boolean().optional(),
});

test("the original MemGPT's presets, personas and humans exist", () => {
  expect(presets).toEqual([
    "presets/memgpt_chat.yaml",
    "presets/memgpt_compact.yaml",
    "presets/memgpt_docs.yaml",
    "presets/memgpt_tiny.yaml",
  ]);
  expect(blocks).toEqual(
    expect.arrayContaining([
      "personas/sam_pov.txt",
      "personas/sam.txt",
      "personas/sam_simple_pov_gpt35.txt",
      "personas/memgpt_starter.txt",
      "personas/memgpt_doc.txt",
      "personas/google_search_persona.txt",
      "personas/anna_pa.txt",
      "humans/basic.txt",
      "humans/cs_phd.txt",
    ]),
  );
});

describe.each(presets)("%s", (path) => {
  const preset = presetSchema.parse(parse(read(path)));

  test("names a system prompt, a persona and a human that exist", () => {
    const named = [
      `presets/system/${preset.system_prompt}.txt`,
      `personas/${preset.persona}.txt`,
      `humans/${preset.human}.txt`,
    ];

    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test("names the eight base functions, the compact one six of them and the tiny one four", () => {
    const compact = ["pause_heartbeats", "conversation_search_date"];
    const tiny = [...compact, "archival_memory_insert", "archival_memory_search"];
    const left = path.includes("compact") ? compact : path.includes("tiny") ? tiny : [];

    expect(preset.functions).toEqual(baseFunctions.filter((name) => !left.includes(name)));
  });

  test("mentions only functions that its agents have", () => {
    const prompt = read(`presets/system/${preset.system_prompt}.txt`);

    expect(baseFunctions.filter((name) => prompt.includes(name) && !preset.functions.includes(name))).toEqual([]);
  });

  test("has a description that `memgpt list presets` shows whole", async () => {
    const name = path.replace(/^presets\/|\.yaml$/g, "");

    const presetsThere = (await testHome()).resources.list("presets");
    const shown = presetsThere.find((resource) => resource.name === name)?.description;

    expect(shown).toMatch(/^.{10,68}\.$/);
    expect(shown).toBe(presetSchema.parse(parse(read(path))).description);
  });
});

test("the chat prompt leaves a small context window room for a conversation", () => {
  expect(encode(read("presets/system/memgpt_chat.txt")).length).toBeLessThan(900);
});

test("the compact preset leaves most of the smallest window to the conversation", async () => {
  const memgpt = await testHome();
  const sections = async (preset: string): Promise<SectionTokens> => {
    const agent = await memgpt.createAgent({ name: preset, preset, contextWindow: 4096 });
    const { sections: taken } = agent.context();
    await agent.close();
    return taken;
  };

  const [compact, chat] = [await sections("memgpt_compact"), await sections("memgpt_chat")];
  const tiny = await sections("memgpt_tiny");

  expect(encode(read("presets/system/memgpt_compact.txt")).length).toBeLessThan(450);
  expect(compact.system).toBeLessThan(600);
  expect(compact.system + compact.functions).toBeLessThan(0.7 * (chat.system + chat.functions));
  expect(tiny.system + tiny.functions).toBeLessThan(0.5 * (chat.system + chat.functions));
});

test.each(prompts)("%s mentions only functions that an agent has", (path) => {
  const named = read(path).match(/\b[a-z]+(_[a-z]+)*_(message|heartbeats|append|replace|search|date|insert)\b/g) ?? [];
  // An event and the address of a search result look alike, so events are told apart by name.
  const events = ["user_message"];

  expect(named.filter((name) => !baseFunctions.includes(name) && !events.includes(name))).toEqual([]);
});

test.each(blocks)("%s fits in a block of core memory", (path) => {
  expect(read(path).trim().length).toBeGreaterThan(0);
  expect(read(path).length).toBeLessThanOrEqual(2_000);
});

test.each([...presets, ...prompts, ...blocks])("%s is UTF-8 with Unix line ends", (path) => {
  const bytes = readFileSync(join(root, path));

  expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).not.toThrow();
  expect(bytes.includes("\r")).toBe(false);
  expect(bytes.at(-1)).toBe("\n".charCodeAt(0));
});

test("links to texts work; dangling and circular links, and links to folders, are skipped", () => {
  const elsewhere = temporaryFolder();
  const home = homeAt(temporaryFolder());
  mkdirSync(home.personas);
  writeFileSync(join(elsewhere, "keeper.txt"), "I keep a lighthouse.");
  symlinkSync(join(elsewhere, "keeper.txt"), join(home.personas, "linked.txt"));
  symlinkSync(join(elsewhere, "gone.txt"), join(home.personas, "dangling.txt"));
  symlinkSync(join(home.personas, "circle.txt"), join(home.personas, "circle.txt"));
  symlinkSync(elsewhere, join(home.personas, "folder.txt"));

  const own = listResources(home, "personas").filter(({ origin }) => origin === "user");

  expect(own.map(({ name }) => name)).toEqual(["linked"]);
  expect(readResource(home, "personas", "linked").text).toBe("I keep a lighthouse.");
});

test("a preset with unknown functions creates no agent", async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, "presets"));
  writeFileSync(join(dir, "presets", "mine.yaml"), "system_prompt: memgpt_chat\nfunctions: [send_mesage]\n");
  const memgpt = await testHome({ dir });

  const made = memgpt.createAgent({ name: "sam", preset: "mine" });

  await expect(made).rejects.toThrow(/mine\.yaml.*send_mesage.*mean send_message.*core_memory_append/);
  expect(await memgpt.hasAgent("sam")).toBe(false);
});

test("every preset's prompt explains the fences around others' text", () => {
  const folder = fileURLToPath(new URL("../../presets/system", import.meta.url));

  for (const file of readdirSync(folder)) {
    const prompt = readFileSync(join(folder, file), "utf8");
    expect(prompt, file).toContain("[data N]");
    expect(prompt, file).toContain("[end N]");
  }
});

test.each(["personas", "humans", "presets"] as const)(
  "a name of one of the %s cannot lead out of its folder",
  (kind) => {
    const home = homeAt(temporaryFolder());
    writeFileSync(join(home.root, "key.txt"), "secret");

    for (const name of ["../key", "..\\key", "/etc/passwd", "a\0b", "%2e%2e/key", "CON", "key.", "x".repeat(65)]) {
      expect(() => readResource(home, kind, name)).toThrow(expect.objectContaining({ code: "invalid_name" }));
    }
  },
);
