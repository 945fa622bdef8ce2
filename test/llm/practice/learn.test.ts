import { expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

/** What a fresh memory holds after one message. */
async function after(message: string, human = ""): Promise<string[]> {
  const loop = new PracticeLoop(human);
  await loop.ask(message);
  return loop.human.split("\n").filter((line) => line !== "");
}

test.each([
  ["my boyfriend James baked me a birthday cake", ["Boyfriend named James", "Birthday around 21 November"]],
  ["hey it's my birthday! my boyfriend james baked me a cake", ["Birthday: 21 November", "Boyfriend named James"]],
  ["hi, i'm ana, i live in porto and work as a nurse", ["Name: Ana", "Lives in Porto", "Works as a nurse"]],
  ["My name is Ana María López and I'm 34 years old.", ["Name: Ana María López", "Age: 34 (as of 21 November 2026)"]],
  ["call me Bob", ["Name: Bob"]],
  ["I'm Chad, nice to meet you!", ["Name: Chad"]],
  ["Je m'appelle Claire", ["Name: Claire"]],
  ["I'm a nurse at St Mary's Hospital", ["Is a nurse at St Mary's Hospital"]],
  ["I'm from Brazil but I live in Berlin now", ["Comes from Brazil", "Lives in Berlin"]],
  ["just moved to Madrid last week", ["Lives in Madrid"]],
  ["I love hiking, jazz and spicy food", ["Likes hiking, jazz and spicy food"]],
  ["I can't stand cilantro", ["Dislikes cilantro"]],
  ["my favourite colour is blue", ["Favourite colour: blue"]],
  ["blue is my favourite colour", ["Favourite colour: blue"]],
  ["My sister Eva lives in Oslo.", ["Sister named Eva (lives in Oslo)"]],
  ["We have two cats named Tom and Jerry", ["Cats named Tom and Jerry"]],
  ["I have a dog called rex", ["Dog named Rex"]],
  ["My kids are called Mia and Leo", ["Kids named Mia and Leo"]],
  ["Lena is my best friend", ["Best friend named Lena"]],
  ["I'm married to Tom", ["Married to Tom"]],
  [
    "my husband Paul and I are moving to Canada next year",
    ["Moving to Canada next year (said on 21 November 2026)", "Husband named Paul"],
  ],
  ["I'm allergic to peanuts and shellfish", ["Allergic to peanuts and shellfish"]],
  ["I'm vegan", ["Vegan"]],
  ["I'm going to Lisbon in May", ["Going to Lisbon in May (said on 21 November 2026)"]],
  ["I speak Spanish, French and a little German", ["Speaks Spanish, French and a little German"]],
  ["I study computer science at MIT", ["Studies computer science at MIT"]],
  [
    "I've been playing the piano for ten years",
    ["Has been playing the piano for ten years (said on 21 November 2026)"],
  ],
  ["I collect stamps and I play chess", ["Collects stamps", "Plays chess"]],
  ["my email is ana@example.com", ["Email: ana@example.com"]],
  ["my phone number is +351 912 345 678", ["Phone: +351 912 345 678"]],
  ["My birthday is on May 3rd", ["Birthday: May 3rd"]],
  ["I turned 40 yesterday", ["Age: 40 (as of 21 November 2026)", "Birthday: 20 November"]],
  ["It's my mom's birthday tomorrow", ["Mom's birthday: 22 November"]],
  ["I drive a 1998 Volvo", ["Drives a 1998 Volvo"]],
  [
    "I'm a developer living in Toronto with my husband Arjun and our two kids, Maya and Rohan",
    ["Is a developer", "Lives in Toronto", "Husband named Arjun", "Kids named Maya and Rohan"],
  ],
  ["Well, I recently started learning Japanese because it's fun", ["Learning Japanese"]],
  ["I've got a sister named Laura and a brother named Pete", ["Sister named Laura", "Brother named Pete"]],
  ["Tomorrow I have a job interview at Tesla", ["Has a job interview at Tesla tomorrow (said on 21 November 2026)"]],
  ["My friend Tom is a doctor", ["Friend named Tom (is a doctor)"]],
  ["I do not like horror movies", ["Dislikes horror movies"]],
  ["remember to call the dentist on Friday", ["Reminder: to call the dentist on Friday (said on 21 November 2026)"]],
  ["Can you remember that I take my coffee black?", ["Takes their coffee black"]],
  ["Did you know that I'm left-handed?", ["Left-handed"]],
  ["remember that my locker code is 4417", ["Locker code: 4417"]],
  ["don't forget that I parked in row 7", ["Parked in row 7"]],
  ["Please note: the wifi password is hunter2", ["The wifi password is hunter2"]],
])("it learns from %j", async (message, lines) => {
  expect(await after(message)).toEqual(lines);
});

test.each([
  "hello!",
  "I'm tired",
  "I'm going to bed",
  "I'm a bit lost",
  "I'm Sorry",
  "i'm back",
  "what's my name?",
  "Is my boyfriend James nice?",
  "if I were rich I'd buy a boat",
  "I wish my name was Tom",
  "The weather is nice today",
  "I like you",
  "I love it when it rains",
  "I have a headache",
  "I have a question",
  "my day was great",
  'She said "I\'m a doctor"',
  "In the movie, I'm a spy? no way",
  "you're funny",
  "I think I'm going to be sick",
  "call me later",
  "My head is killing me",
  "I need a coffee",
  "haha ok",
  "私は学生です",
  "👍",
])("it stores nothing for %j", async (message) => {
  expect(await after(message)).toEqual([]);
});

test.each([
  ["Boyfriend named James", "James and I broke up", "Ex-boyfriend named James"],
  ["Boyfriend named James", "my boyfriend and I broke up yesterday :(", "Ex-boyfriend named James"],
  ["Boyfriend named James", "I dumped James", "Ex-boyfriend named James"],
  ["Boyfriend named James", "James left me", "Ex-boyfriend named James"],
  ["Girlfriend named Ana", "Ana and I got engaged!!", "Fiancée named Ana"],
  ["Boyfriend named James", "I married James last weekend", "Husband named James"],
  ["Husband named Paul", "Paul and I are getting divorced", "Ex-husband named Paul"],
  ["Name: Ana", "actually my name is Anna, not Ana", "Name: Anna"],
  ["First name: Chad", "My name is Charles", "First name: Charles"],
  ["First name: Chad", "it's not Chad, it's Charles", "First name: Charles"],
  ["Boyfriend named James", "it's Jim, not James", "Boyfriend named Jim"],
  ["Sister named Eva", "My sister's name is Eve, not Eva", "Sister named Eve"],
  ["Lives in Lisbon", "I said Lisbon but I meant Porto", "Lives in Porto"],
  ["Lives in Lisbon", "I moved to Porto", "Lives in Porto"],
  ["Works at Google", "I no longer work at Google", "Formerly worked at Google"],
  ["Works at Google", "I quit my job", "Formerly worked at Google"],
  ["Works at Google", "I left Google last month", "Formerly worked at Google"],
  ["Works at Google", "I now work at Amazon", "Works at Amazon"],
  ["Likes coffee", "I don't like coffee any more", "No longer likes coffee"],
  ["Plays tennis", "I don't play tennis anymore", "No longer plays tennis"],
  ["Likes coffee", "I hate coffee", "Dislikes coffee"],
  ["Vegetarian", "I'm vegan now", "Vegan"],
  ["Dog named Rex", "my dog Rex died", "Dog named Rex (died, noted on 21 November 2026)"],
  ["Dog named Rex", "Rex passed away last night", "Dog named Rex (died, noted on 21 November 2026)"],
  ["Favourite colour: blue", "my favourite colour is green now", "Favourite colour: green"],
])("a memory of %j is corrected by %j", async (before, message, corrected) => {
  const lines = await after(message, `Likes jazz\n${before}\nComes from Leeds`);

  expect(lines).toEqual(["Likes jazz", corrected, "Comes from Leeds"]);
});

test.each([
  ["forget that I like coffee", ["Name: Ana", "Vegan"]],
  ["please forget that I'm vegan", ["Name: Ana", "Likes coffee"]],
  ["can you forget my name", ["Vegan", "Likes coffee"]],
  ["delete everything you know about coffee", ["Name: Ana", "Vegan"]],
])("%j removes the line and leaves no empty one", async (message, left) => {
  const loop = new PracticeLoop("Name: Ana\nVegan\nLikes coffee");
  await loop.ask(message);

  expect(loop.human).toBe(left.join("\n"));
});

test("what memory holds already is not stored again", async () => {
  const known = "First name: Chad\nBoyfriend named James\nLikes coffee\nBirthday: 3 May";

  expect(await after("I'm Chad and I love coffee! My boyfriend James baked me a birthday cake", known)).toEqual(
    known.split("\n"),
  );
});

test("a replaced line is told apart from a line that contains it", async () => {
  expect(await after("my dog Rex died", "Dog named Rex Junior\nDog named Rex")).toContain("Dog named Rex Junior");
});

test("the reply says what was learned, in the second person", async () => {
  const reply = await new PracticeLoop().ask("My sister Eva lives in Oslo and I'm allergic to nuts");

  expect(reply).toContain("your sister is named Eva");
  expect(reply).toContain("you are allergic to nuts");
});

test("a fact that exceeds the block's limit goes to archival memory", async () => {
  const loop = new PracticeLoop("x".repeat(1995));
  const reply = await loop.ask("I live in Porto");

  expect(loop.archival.map(({ text }) => text).join()).toContain("Lives in Porto");
  expect(reply).toContain("archival memory");
});

test("a refused append is tried once another way, then answered", async () => {
  const loop = new PracticeLoop();
  loop.override = (name) =>
    name === "core_memory_append" ? { status: "Failed", output: "Edit failed: Exceeds 5" } : undefined;
  const { calls } = await loop.say("I live in Porto");

  expect(calls.map(({ name }) => name)).toEqual(["core_memory_append", "archival_memory_insert", "send_message"]);
});

test("a replace that finds nothing becomes an append", async () => {
  const loop = new PracticeLoop("Lives in Lisbon");
  loop.override = (name) =>
    name === "core_memory_replace" ? { status: "Failed", output: "Content not found in human" } : undefined;
  const { calls } = await loop.say("I moved to Porto");

  expect(calls.map(({ name }) => name)).toEqual(["core_memory_replace", "core_memory_append", "send_message"]);
});
