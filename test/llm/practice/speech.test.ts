import { expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

test("the name before a line of a transcript is not said back as if it were part of it", async () => {
  const reply = await new PracticeLoop().ask("Nora: I painted the old boathouse on Sunday");

  expect(reply).toContain("you painted the old boathouse");
  expect(reply).toContain("Nora");
  expect(reply).not.toContain("Nora: I");
});

test.each(["Nora: Thanks, Emil!", "Nora: Wow!", "Nora: That's so sweet of you, Emil.", "Wow!", "That is so true!"])(
  "%j is answered without quoting it",
  async (message) => {
    const reply = await new PracticeLoop().ask(message);

    expect(reply).not.toContain('"');
    expect(reply).not.toContain("you've been");
  },
);

test.each(["Reminder: the train leaves early", "Note: I painted the fence"])(
  "%j is nobody's speech",
  async (message) => {
    expect(await new PracticeLoop().ask(message)).not.toMatch(/Reminder\.|, Note/);
  },
);

test("search results are quoted as said by whoever said them", async () => {
  const loop = new PracticeLoop();
  loop.recall.push(
    { day: "2023-05-08", speaker: "user", text: "Nora: I visited the glass museum with Emil yesterday" },
    { day: "2023-05-09", speaker: "user", text: "I never saw a glass museum myself" },
  );
  const reply = await loop.ask("when did Nora visit the glass museum?");

  expect(reply).toContain('Nora said "I visited the glass museum with Emil yesterday"');
  expect(reply).toContain("you said");
});

test.each([
  "We put up the tent behind the house. It was great! Any plans for the holidays?",
  "The concert was a success and everybody stayed late. What do you think?",
  "Sounds great! Any plans?",
  "It was cold out there, right?",
  "What's new?",
  "How was your weekend in the hills?",
  "Nora: That lake sunrise is lovely! What made you paint it?",
  "Nora: What's the story behind the bowl?",
  "Nora: My gran's bowl has sentimental value, a friend made it for my 18th birthday. Care to tell me about yours?",
])("%j is answered without a search", async (message) => {
  const loop = new PracticeLoop();
  loop.recall.push({ day: "2023-05-08", speaker: "user", text: "I made plans to paint the tent by the lake" });
  const { calls } = await loop.say(message);

  expect(calls.map(({ name }) => name)).toEqual(["send_message"]);
});

test.each([
  "We put up the tent. Do you remember when we talked about the holidays?",
  "Where did I leave the tent?",
  "when did Nora visit the lake house?",
  "Nora: do you remember the lake house?",
  "what is the capital of France?",
])("%j is looked up", async (message) => {
  const { calls } = await new PracticeLoop().say(message);

  expect(calls[0]?.name).toBe("conversation_search");
});

test("what core memory only touches on is looked up in the conversation too, and told with it", async () => {
  const loop = new PracticeLoop("Likes camping trips with family");
  loop.recall.push({ day: "2023-07-20", speaker: "user", text: "We went camping by the fjord in June and saw an elk" });
  const reply = await loop.ask("Do you remember camping?");

  expect(reply).toMatch(/^You like camping trips with family\. .*20 July 2023.*saw an elk/);
});

test("questions that core memory answers squarely are not searched for", async () => {
  const { calls } = await new PracticeLoop("Locker code: 4417").say("do you remember my locker code?");

  expect(calls.map(({ name }) => name)).toEqual(["send_message"]);
});

test("many results that share a word each are not counted out", async () => {
  const loop = new PracticeLoop();
  for (let n = 0; n < 40; n += 1) loop.recall.push({ day: "2023-05-08", speaker: "user", text: `harbour report ${n}` });

  expect(await loop.ask("where does the harbour report say the boat is moored?")).not.toContain("40 messages");
});

test("asked what it knows of the user, it keeps others apart", async () => {
  const reply = await new PracticeLoop("Lives in Faro\nNora: Likes rowing\nNora: Sister named Ida").ask(
    "what do you know about me?",
  );

  expect(reply).toContain("about you: you live in Faro.");
  expect(reply).toContain("Nora likes rowing");
  expect(reply).toContain("Nora's sister is named Ida");
});

test("a search that was trimmed from the queue is not begun again without end", async () => {
  const loop = new PracticeLoop();
  for (let n = 0; n < 12; n += 1)
    loop.recall.push({ day: "2023-05-08", speaker: "user", text: `the harbour was quiet on night ${n}` });
  loop.beforeStep = (step) => {
    const [first] = loop.queue;
    if (step > 1 && first !== undefined) loop.queue = [first, ...loop.queue.slice(1).slice(-3)];
  };

  expect((await loop.say("when did Nora sell the yellow boat engine at the harbour?")).steps).toBeLessThan(8);
});
