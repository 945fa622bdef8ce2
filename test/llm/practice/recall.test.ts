import { expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

const KNOWN =
  "First name: Chad\nLives in Lisbon\nWorks at Google\nBoyfriend named James\nDog named Rex\nLikes jazz\nAllergic to peanuts\n" +
  'Birthday: 3 May\nLocker code: 4417\n2026-05-12: "my sister Eva moved to Oslo"';

test.each([
  ["what's my name?", "Chad"],
  ["do you remember my name", "Chad"],
  ["wie heiße ich?", "Chad"],
  ["where do I live?", "Lisbon"],
  ["Do you know where I work?", "Google"],
  ["What's my boyfriend called?", "James"],
  ["who is James?", "Boyfriend"],
  ["¿Cómo se llama mi novio?", "James"],
  ["Where does my sister live?", 'On 12 May 2026 you told me: "my sister Eva moved to Oslo"'],
  ["do I have any pets?", "Rex"],
  ["what do I like?", "jazz"],
  ["Am I alergic to anything?", "peanuts"],
  ["when is my birthday?", "3 May"],
  ["what was my locker code again?", "4417"],
])("what core memory holds answers %j", async (question, answer) => {
  const reply = await new PracticeLoop(KNOWN).ask(question);

  expect(reply).toContain(answer);
  expect(reply).not.toContain("no clear answer");
});

test.each(["what do you know about me?", "Who am I?", "was weißt du über mich?", "你知道我什么？"])(
  "asked %j it quotes every line",
  async (question) => {
    const reply = await new PracticeLoop(KNOWN).ask(question);

    for (const word of ["Chad", "Lisbon", "James", "Rex", "peanuts", "4417", "Oslo"]) expect(reply).toContain(word);
  },
);

test("a block of another subject answers under its own name", async () => {
  const loop = new PracticeLoop(KNOWN);
  loop.otherBlocks =
    '<project characters="61/2000" access="read-only">\n(What the team works on)\nThe release is on Friday.\nThe staging server is in Zürich.\n</project>';

  const reply = await loop.ask("When is the release?");

  expect(reply).toContain('The block "project" says: "The release is on Friday."');
  expect(reply).not.toContain("Zürich");
});

test("it searches the conversation for what core memory does not hold, and quotes it with its date", async () => {
  const loop = new PracticeLoop("First name: Chad");
  loop.recall.push({ day: "2023-05-08", speaker: "user", text: "I went to six flags with my cousins, it was wild" });
  const { replies, calls } = await loop.say("do you remember when we talked about six flags?");

  expect(calls[0]).toMatchObject({ name: "conversation_search", args: { query: expect.stringContaining("flags") } });
  expect(replies[0]).toContain('On 8 May 2023 you told me: "I went to six flags with my cousins, it was wild"');
});

test("if a page does not answer, it reads the next", async () => {
  const loop = new PracticeLoop();
  for (let n = 0; n < 6; n += 1)
    loop.recall.push({ day: "2023-05-08", speaker: "user", text: `Is harbour number ${n} far?` });
  loop.recall.push({ day: "2023-05-09", speaker: "user", text: "The harbour smells of tar" });
  const { replies, calls } = await loop.say("what does the harbour smell of?");

  expect(calls[1]?.args["page"]).toBe(1);
  expect(replies[0]).toContain("tar");
});

test("partial matches are presented as the nearest, at most three", async () => {
  const loop = new PracticeLoop();
  for (let n = 0; n < 9; n += 1) loop.recall.push({ day: "2023-05-08", speaker: "user", text: `harbour report ${n}` });
  const reply = await loop.ask("where does the harbour master keep his parrot?");

  expect(reply).toMatch(/^I found no clear answer to that\. The nearest things I have: on 8 May 2023 you told me:/);
  expect(reply.match(/harbour report/g)).toHaveLength(3);
});

test("quotes other speakers of a transcript by name", async () => {
  const loop = new PracticeLoop();
  loop.recall.push({ day: "2023-05-08", speaker: "Nora", text: "I visited the glass museum with Emil" });

  expect(await loop.ask("when did Nora visit the glass museum?")).toContain('Nora said: "I visited the glass museum');
});

test("its own words are never quoted as the person's", async () => {
  const loop = new PracticeLoop();
  loop.recall.push({ day: "2023-05-08", speaker: "assistant", text: "Your lucky number is seven." });

  expect(await loop.ask("what is my lucky number?")).toContain("found nothing");
});

test("what the conversation does not hold is looked up in archival memory", async () => {
  const loop = new PracticeLoop();
  loop.archival.push({ day: "2024-02-03", text: "The cabin key hangs behind the blue door." });
  const { replies, calls } = await loop.say("where does the cabin key hang?");

  expect(calls.map(({ name }) => name)).toEqual(["conversation_search", "archival_memory_search", "send_message"]);
  expect(replies[0]).toContain('Archival memory says (saved on 3 February 2024): "The cabin key hangs');
});

test("says that it found nothing, and where it looked", async () => {
  expect(await new PracticeLoop().ask("what is the capital of France?")).toBe(
    "I found nothing you told me about that. I looked in core memory, our past conversations and archival memory.",
  );
});

test.each([
  ["what did we talk about yesterday?", "yesterday?"],
  ["What did we talk about last week?", "last week?"],
  ["what did we discuss on 5 May?", "5 May?"],
  ["what did we talk about on May 5th, 2025", "May 5th, 2025?"],
  ["what did I say on 2026-11-02?", "2026-11-02?"],
  ["what did we talk about in December?", "in December?"],
  ["What did we say 3 days ago?", "3 days ago?"],
  ["which concert did I hear last May?", "concert hear last May?"],
])("%j is a search that says when: %j", async (question, query) => {
  const { calls } = await new PracticeLoop().say(question);

  expect(calls[0]).toEqual({ name: "conversation_search", args: { query, request_heartbeat: true } });
});

test("a question that only says when is answered with what was said then", async () => {
  const loop = new PracticeLoop('2026-11-12: "I sold my boat yesterday"');
  loop.recall.push({ day: "2026-11-20", speaker: "user", text: "I painted the fence green" });

  expect(await loop.ask("what did we talk about yesterday?")).toBe(
    'On 20 November 2026 you told me: "I painted the fence green".',
  );
});

test("a failed search does not end in a loop", async () => {
  const loop = new PracticeLoop();
  loop.override = (name) => (name.endsWith("search") ? { status: "Failed", output: "database is gone" } : undefined);

  expect(await loop.ask("where is the treasure hidden?")).toMatch(/search failed/);
});

test("a message may both state and ask", async () => {
  const loop = new PracticeLoop("Dog named Rex");
  const reply = await loop.ask("My name is Ana and I live in Porto. What's my dog's name?");

  expect(loop.human).toBe("Dog named Rex\nName: Ana\nLives in Porto");
  expect(reply).toMatch(/Ana.*Rex/);
});

test("a search that was evicted from the queue is not repeated endlessly", async () => {
  const loop = new PracticeLoop();
  for (let n = 0; n < 12; n += 1)
    loop.recall.push({ day: "2023-05-08", speaker: "user", text: `the harbour was quiet on night ${n}` });
  loop.beforeStep = (step) => {
    const [first] = loop.queue;
    if (step > 1 && first !== undefined) loop.queue = [first, ...loop.queue.slice(1).slice(-3)];
  };

  expect((await loop.say("when did Nora sell the yellow boat engine at the harbour?")).steps).toBeLessThan(8);
});
