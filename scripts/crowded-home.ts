import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";

const LONG = "A name that nobody would choose and that somebody will have";
const NAMES = ["عائشة", "מרים", "Søren Ångström", "田中さくら", LONG, "x".repeat(64)];

const SAID = [
  ["user", "שלום, קוראים לי מרים ואני גרה בחיפה.\n\n- אחת\n- שתיים"],
  ["assistant", "מרחבא! أهلاً وسهلاً — I keep both."],
  ["user", `How do I sort this?\n\n\`\`\`js\nconst boats = ["Aurora", "${"long ".repeat(30)}"];\n\`\`\``],
  [
    "assistant",
    "# Sorting\n\nUse `sort()`, which **changes** the list:\n\n```js\nboats.sort((a, b) => a.localeCompare(b));\n```\n\n" +
      "| boat | keel | launched |\n|---|---|---|\n| Aurora | oak | 1987 |\n| Heron | steel | 2004 |\n\n" +
      "1. Copy it first.\n2. Then sort.\n\n> A list that is shared is no longer in order for others.\n\n" +
      "See [the manual](https://developer.example/sort) and ![a heron](https://pictures.example/heron.png).",
  ],
  ["user", `What about ${"https://a.very.long.example/path/".repeat(6)}?`],
  ["assistant", `${"unbreakable".repeat(30)} and then words again.`],
] as const;

/** A home with more of everything than most people have, and with all kinds of names. */
export async function makeCrowdedHome(dir: string): Promise<void> {
  const memgpt = await MemGPT.open({ dir, env: {} });
  for (let index = 0; index < 24; index += 1) await (await memgpt.createAgent({ name: `Agent ${index + 1}` })).close();
  for (const name of NAMES) await (await memgpt.createAgent({ name })).close();
  const folder = join(dir, "documents");
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < 50; index += 1) {
    const file = join(folder, `${index}.txt`);
    writeFileSync(file, `Document ${index} tells of boats, keels and herons.`);
    const name = index === 7 ? LONG : `source-${index}`;
    for await (const event of memgpt.sources.load(name, [file])) {
      if (event.type === "skipped") throw new Error(event.reason);
    }
  }
  const agent = await memgpt.createAgent({ name: "Crowded" });
  const start = Date.now() - 3 * 86_400_000;
  await agent.importMessages(
    SAID.map(([role, text], index) => ({ role, text, createdAt: new Date(start + index * 60_000).toISOString() })),
  );
  await agent.addPassages(
    Array.from({ length: 25 }, (_, index) => ({ text: `Passage ${index}: herons nest in oaks.` })),
  );
  for (let index = 0; index < 17; index += 1) {
    const label = `block_${index}_of_memory`;
    await agent.addBlock({ label, value: `Line ${index}.\n`.repeat(index), limit: 200 + index * 10 });
  }
  await agent.addBlock({ label: "empty", value: "", limit: 100, description: LONG.repeat(2), readOnly: true });
  await agent.checkpoint(LONG);
  await agent.close();
  await memgpt.close();
}
