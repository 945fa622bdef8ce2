import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Zippable, strToU8, zipSync } from "fflate";
import type { MemGPT } from "memgpt";
import { describe, expect, test } from "vitest";
import { temporaryFolder, testHome } from "../support/agents.ts";

const LARGE = 33 * 1024 * 1024;

const conversation = (says: string, more: object = {}): object => ({
  title: says,
  current_node: "a",
  mapping: {
    a: { parent: null, message: { author: { role: "user" }, create_time: 1.7e9, content: { parts: [says] }, ...more } },
  },
});
const list = (...conversations: readonly object[]): string => JSON.stringify(conversations);
/** A conversation that is longer than what is parsed as one text, mostly of what is not imported. */
const large = (says: string): object => ({ ...conversation(says), rest: ["[{", "x".repeat(LARGE)] });

function fileOf(content: string | Uint8Array, name = "export.zip"): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

function zipOf(files: Readonly<Record<string, string>>, level: 0 | 6 = 6): Uint8Array {
  const bytes: Zippable = {};
  for (const [name, text] of Object.entries(files)) bytes[name] = strToU8(text);
  return zipSync(bytes, { level });
}

async function said(memgpt: MemGPT, file: string): Promise<string[]> {
  const { memories } = await memgpt.imports.find(file);
  return memories.flatMap(({ messages }) => messages.map(({ text }) => text));
}

const PARTS = {
  "export/conversations-001.json": list(conversation("third")),
  "export/conversations-000.json": list(conversation("first"), conversation("second")),
  "export/user.json": "{}",
};

test.each([0, 6] as const)(
  "the numbered lists in an archive are one export, in their order (level %i)",
  async (level) => {
    const memgpt = await testHome();
    const file = fileOf(zipOf(PARTS, level));

    const { memories, format } = await memgpt.imports.find(file);

    expect(format).toBe("ChatGPT export");
    expect(memories).toMatchObject([{ conversations: 3 }]);
    expect(await said(memgpt, file)).toEqual(["first", "second", "third"]);
  },
);

test("an unpacked export is read from its folder", async () => {
  const memgpt = await testHome();
  const folder = join(temporaryFolder(), "unpacked");
  mkdirSync(folder);
  writeFileSync(join(folder, "conversations-000.json"), list(conversation("first")));
  writeFileSync(join(folder, "conversations-001.json"), list(conversation("second")));
  writeFileSync(join(folder, "message_feedback.json"), "[]");

  expect(await said(memgpt, folder)).toEqual(["first", "second"]);
  await expect(memgpt.imports.find(temporaryFolder())).rejects.toThrow("is a folder without conversations.json");
});

test("a long list is read conversation by conversation, also in an archive", async () => {
  const memgpt = await testHome();
  const text = list(large("first"), conversation("second"));

  expect(await said(memgpt, fileOf(text, "conversations.json"))).toEqual(["first", "second"]);
  expect(await said(memgpt, fileOf(zipOf({ "conversations.json": text })))).toEqual(["first", "second"]);
});

describe("a long list names place and reason:", () => {
  test.each([
    ["that breaks off", `${list(large("first")).slice(0, -1)}, {"mapping"`, "[1]: it ends in the middle"],
    ["with a mistake", `${list(large("first")).slice(0, -1)}, {"mapping": x}]`, "[1]: it is not JSON"],
    ["that goes on", `${list(large("first"))} x`, "[1]: it goes on after its end"],
    [
      "of a conversation that is none",
      list(large("first"), { mapping: 7 }),
      "[1].mapping: it must be an object, but is a number",
    ],
  ])("one %s", async (_, text, problem) => {
    const file = fileOf(text, "conversations.json");

    await expect((await testHome()).imports.find(file)).rejects.toThrow(`${file}: ${problem}. Nothing was imported.`);
  });
});

test("of several lists, the one with the mistake is named", async () => {
  const file = fileOf(zipOf({ ...PARTS, "export/conversations-001.json": list(conversation("a"), { mapping: 7 }) }));

  await expect((await testHome()).imports.find(file)).rejects.toThrow(
    "export/conversations-001.json[1].mapping: it must",
  );
});

test("a long list of something else is read as a whole", async () => {
  const memgpt = await testHome();
  const file = fileOf(JSON.stringify([{ memory: "Likes figs." }, { memory: "x".repeat(LARGE) }]), "mem0.json");

  expect((await memgpt.imports.find(file)).format).toBe("Mem0 export");
});

/** The archive of one file as programs write it that expect more than 4 GB: its numbers are in fields of 64 bits. */
function in64Bits(zip: Uint8Array): Uint8Array {
  const end = zip.length - 22;
  const from = Buffer.from(zip).readUInt32LE(end + 16);
  const [listed, tail] = [Buffer.from(zip.subarray(from, end)), Buffer.from(zip.subarray(end))];
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  for (const [index, at] of [24, 20, 42].entries()) {
    extra.writeBigUInt64LE(BigInt(listed.readUInt32LE(at)), 4 + index * 8);
    listed.writeUInt32LE(0xffffffff, at);
  }
  listed.writeUInt16LE(extra.length, 30);
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(1n, 24);
  end64.writeBigUInt64LE(1n, 32);
  end64.writeBigUInt64LE(BigInt(listed.length + extra.length), 40);
  end64.writeBigUInt64LE(BigInt(from), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(from + listed.length + extra.length), 8);
  tail.writeUInt32LE(0xffffffff, 16);
  return Buffer.concat([zip.subarray(0, from), listed, extra, end64, locator, tail]);
}

test("an archive with numbers of 64 bits is read", async () => {
  const file = fileOf(in64Bits(zipOf({ "conversations.json": list(conversation("first")) })));

  expect(await said(await testHome(), file)).toEqual(["first"]);
});

describe("an archive is refused, with the reason,", () => {
  const changed = (find: number, offset: number, value: number): Uint8Array => {
    const zip = Buffer.from(zipOf({ "conversations.json": list(conversation("first")) }));
    const at = zip.lastIndexOf(Buffer.from([0x50, 0x4b, find, find + 1]));
    zip.writeUInt8(value, at + offset);
    return zip;
  };
  const [LISTED, LOCAL] = [1, 3];

  test.each([
    ["that breaks off", zipOf(PARTS).subarray(0, 200), "the list of files at its end is missing"],
    ["whose list is damaged", changed(LISTED, 0, 0), "the list of files at its end is missing"],
    ["whose file is elsewhere", changed(LISTED, 42, 9), "conversations.json cannot be unpacked"],
    ["whose file is damaged", changed(LOCAL, 60, 0x55), "conversations.json cannot be unpacked"],
    ["whose file is longer than it says", changed(LISTED, 24, 3), "conversations.json cannot be unpacked"],
    ["whose file has another sum", changed(LISTED, 16, 3), "conversations.json cannot be unpacked"],
    ["that is encrypted", changed(LISTED, 8, 1), "conversations.json in the archive is encrypted"],
    ["that is packed in an unknown way", changed(LISTED, 10, 93), "is packed in an unknown way"],
    ["without conversations", zipOf({ "user.json": "{}" }), "is an archive without conversations.json"],
  ])("%s", async (_, zip, reason) => {
    const file = fileOf(zip);

    await expect((await testHome()).imports.find(file)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(new RegExp(`^${file}.*${reason}.*Nothing was imported\\.$`)),
    });
  });
});
