import { expect, test } from "vitest";
import { newHome, output, say } from "./support/program.ts";

const ISO = /\d{4}-\d\d-\d\dT\d\d/;
const SHOWN = /\d{4}-\d\d-\d\d \d\d:\d\d/;

test("times are shown in one form to people; a checkpoint is named by its time, not by its file", async () => {
  const home = newHome();
  await say(home, "ada", "My boyfriend is called James.");

  for (const args of [
    ["list", "agents"],
    ["inspect", "ada"],
    ["checkpoints", "ada"],
    ["search", "ada", "James", "--in", "all"],
    ["history", "ada"],
  ]) {
    const text = await output(home, args);
    expect(text, args.join(" ")).not.toMatch(ISO);
    expect(text, args.join(" ")).toMatch(SHOWN);
  }
  const chat = await output(home, ["run", "--agent", "ada"], {
    input: "/save\n/checkpoints\n/memory\n/history\n/why\n",
  });
  expect(chat).not.toMatch(ISO);
  expect(chat).toMatch(/Saved the checkpoint of \d{4}-\d\d-\d\d \d\d:\d\d\. It is kept/);
});
