import { expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

const LIGHTHOUSE = "Bergen light\nIt stands by the sea. It was first lit in 1881, in May. Few go there now.";
const TASK = "Search your archival memory to answer the provided question. Your task is to answer the question: ";
const FORM = "Format your response with the format 'ANSWER: <YOUR ANSWER>, DOCUMENT: <ARCHIVAL MEMORY TEXT>'. ";

async function reader(): Promise<PracticeLoop> {
  const loop = new PracticeLoop();
  await loop.say(`save this: ${LIGHTHOUSE}`);
  await loop.say("save this: Trombones are long.");
  return loop;
}

test("a task is searched for by its question alone, and answered with the sentence that fits best", async () => {
  const loop = await reader();

  const { calls, replies } = await loop.say(`${TASK}when was the bergen light first lit?`);

  expect(calls.map(({ name }) => name)).toEqual(["archival_memory_search", "send_message"]);
  expect(calls[0]?.args).toMatchObject({ query: "when was the bergen light first lit?" });
  expect(replies).toEqual(["It was first lit in 1881, in May."]);
});

test("the form that a task asks for is kept, with the whole passage", async () => {
  const loop = await reader();

  const { replies } = await loop.say(`${FORM}${TASK}when was the bergen light first lit?`);

  expect(replies).toEqual([`ANSWER: It was first lit in 1881, in May., DOCUMENT: ${LIGHTHOUSE}`]);
});

test("where nothing is found a task is answered by saying so", async () => {
  const loop = await reader();

  const { replies } = await loop.say(`${TASK}who invented the zeppelin?`);

  expect(replies).toEqual(["INSUFFICIENT INFORMATION"]);
});

test("a question that stands in a letter is no task", async () => {
  const loop = await reader();

  const { replies } = await loop.say("I have one question: do you like the sea?");

  expect(replies.join()).not.toContain("INSUFFICIENT");
});
