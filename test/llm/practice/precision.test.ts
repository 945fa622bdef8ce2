import { expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

/** What memory holds after some messages. */
async function after(messages: readonly string[], human = ""): Promise<string[]> {
  const loop = new PracticeLoop(human);
  for (const message of messages) await loop.ask(message);
  return loop.human.split("\n").filter((line) => line !== "");
}

test.each([
  // praise of the other, and of what is at hand
  "I love the shading and blue sky in this!",
  "Love all the little touches",
  "Love the blue and gold!",
  "I like your idea",
  "I love how you use colour to tell stories and teach children about the sea",
  "Love seeing your energy for this",
  "Love having you on my side",
  "I love having such good neighbours around",
  "I love Anna's drawing",
  "I love the warmth and love theme",
  "I love that picture",
  "I like the way it ends",
  "Kindness and honesty really can be found anywhere. Love and respect too.",
  "Love and respect really should be for everyone",
  // cut off, or pointing at what memory does not hold
  "Yeah, I love to!",
  "I'd love to have you here",
  "I love it when it rains",
  "I like what they did there",
  "I'm passionate about making a bright, welcoming room for children",
  "I like a cosy, quiet café",
  "I love those",
  "I enjoy the softness it gives",
  "I've been dreaming of this for a while",
  "I've been busy since we last spoke",
  "I've been keeping my head down and just met with someone for a chat about",
  "I want to learn more about you",
  "My favourite part was the ending",
  "I'm learning a ton",
  "I'm learning so much about myself",
  "I used to be afraid of what others would say",
  "I used to think that was true",
  // passing states and turns of phrase
  "I'm a mix of nervous and curious about it",
  "I'm the happiest person today",
  "I have a blast every time",
  "I have a photo from our last trip",
  "I got into a bit of trouble with some folks",
  "We let our hair down and have a laugh together",
  "I like to think that we all can help",
  "I play a huge role in this",
  "I manage to get by",
  "I joined a gym",
  "My school is closed today",
  "Working with people like that is really rewarding",
  "My wife and I are over the moon",
  "My husband left me a note",
  "I can't stand by any longer",
  "Enjoy the sunshine tomorrow, you earned it",
  // advice, orders and encouragement
  "Don't forget to take breaks when you need to unwind",
  "Remember to stay hopeful and cheer the others on",
  "Just remember to pause and breathe",
  "Remember, just go for it!",
  "Remember Tim, just go for it!",
  "And remember, I'm always on your side.",
  "Don't forget, trust yourself and your skills",
  "Remember that keeping calm is very important",
  "Just remember that sometimes closed doors can be opened",
  "Never forget how far you have come",
  "Remember the good times!",
])("nothing is learned from %j", async (message) => {
  expect(await after([message])).toEqual([]);
});

test.each([
  ["I like red, blue and green", "Likes red, blue and green"],
  ["I enjoy reading, hiking, and playing chess", "Likes reading, hiking and playing chess"],
  ["I like spicy food", "Likes spicy food"],
  ["I like to paint", "Likes to paint"],
  ["I love the sea", "Likes the sea"],
  ["I love the Beatles", "Likes the Beatles"],
  ["I'm passionate about repairing old clocks and radios", "Likes repairing old clocks and radios"],
  ["I'm a fan of knitting - the patience and calm is great", "Likes knitting"],
  ["I love boat trips with my fam, 'cause the water is calming", "Likes boat trips with family"],
  ["I love cooking because it relaxes me", "Likes cooking"],
  ["I love working with people who need a hand", "Likes working with people who need a hand"],
  ["I'm learning Spanish", "Learning Spanish"],
  ["I'm learning to play the ukulele", "Learning to play the ukulele"],
  ["I teach maths at a school in Leeds", "Teaches maths at a school in Leeds"],
  ["I do yoga", "Does yoga"],
  ["I have a bakery in Porto", "Has a bakery in Porto"],
  ["I used to ride with my dad when I was a kid", "Used to ride with their dad"],
  ["I used to be a teacher", "Used to be a teacher"],
  ["I'm from the US", "Comes from the US"],
  ["My goal is to open a small library", "Goal: to open a small library"],
  ["I got promoted last month!", "Got promoted (said on 21 November 2026)"],
  ["I graduated last week", "Graduated last week (said on 21 November 2026)"],
  ["I can't swim", "Can't swim"],
  ["I quit smoking", "No longer smokes"],
  ["remember to call mum on Friday", "Reminder: to call mum on Friday (said on 21 November 2026)"],
  ["don't forget to water the plants", "Reminder: to water the plants (said on 21 November 2026)"],
  ["remember that James is coming on Friday", "James is coming on Friday (said on 21 November 2026)"],
  ["remember: the key is under the mat", "The key is under the mat"],
])("%j becomes the whole line %j", async (message, line) => {
  expect(await after([message])).toEqual([line]);
});

test("what is liked and what is not are told apart in one sentence", async () => {
  expect(await after(["I like spicy food but hate olives"])).toEqual(["Likes spicy food", "Dislikes olives"]);
});

test.each([
  ["I don't like jazz any more", ["Likes hiking and tea", "No longer likes jazz"]],
  ["I hate jazz", ["Likes hiking and tea", "Dislikes jazz"]],
  ["I like jazz", ["Likes hiking, jazz and tea"]],
  ["I like tea and rum", ["Likes hiking, jazz and tea", "Likes rum"]],
])("one item of a list changes by itself: %j", async (message, lines) => {
  expect(await after([message], "Likes hiking, jazz and tea")).toEqual(lines);
});

test("the speakers of a transcript keep their facts apart from the user's", async () => {
  const lines = await after(
    ["Nora: I live in Bergen. I love rowing!", "Emil: I live in Oslo", "Nora: I moved to Oslo", "I live in Faro"],
    "Name: Ana",
  );

  expect(lines).toEqual([
    "Name: Ana",
    "Nora: Lives in Oslo",
    "Nora: Likes rowing",
    "Emil: Lives in Oslo",
    "Lives in Faro",
  ]);
});

test("a transcript line of the user is about the user", async () => {
  expect(await after(["Ana: I love rowing"], "Name: Ana")).toEqual(["Name: Ana", "Likes rowing"]);
});

test("in a transcript, what one asks the other to remember is not for this memory", async () => {
  expect(await after(["Nora: Don't forget to call your sister on Friday, Emil!"])).toEqual([]);
});
