import { expect, test } from "vitest";
import WORDS from "../../../src/search/recall/related-words.json" with { type: "json" };
import { relatedTo } from "../../../src/search/recall/related-words.ts";
import { STOP_WORDS } from "../../../src/search/stop-words.ts";

const lines = Object.values<readonly string[]>(WORDS).flat();
const entries = lines.map((line) => {
  const [names = "", words = ""] = line.split(/ ?[:>] /);
  return { names: names.split(" "), words: words.split(" ") };
});
const everyWord = [...new Set(entries.flatMap(({ names, words }) => [...names, ...words]))];

test.each([
  ["pet", "puppy"],
  ["sport", "soccer"],
  ["country", "greece"],
  ["destress", "yoga"],
  ["marry", "wedding"],
  ["job", "nurse"],
])("%s and %s are related", (name, word) => {
  expect(relatedTo(name)).toContain(word);
  expect(relatedTo(word)).toContain(name);
});

test("a category name is expanded to its words, but not searched itself", () => {
  expect(relatedTo("activities")).toContain("kayaking");
  expect(relatedTo("kayaking")).not.toContain("activity");
});

test("words of one line are not related to each other", () => {
  expect(relatedTo("goldfish")).toContain("pet");
  expect(relatedTo("goldfish")).not.toContain("dog");
});

test.each([
  [["activity", "activities", "Activities"]],
  [["hike", "hikes", "hiked", "hiking"]],
  [["country", "countries", "country's"]],
  [["stress", "stressed", "stressing"]],
  [["destress", "destressed", "destressing"]],
  [["hobby", "hobbies"]],
  [["marry", "married", "marries"]],
  [["plan", "plans", "planned", "planning"]],
  [["travel", "traveled", "travelling"]],
  [["movie", "movies"]],
  [["cafe", "cafés"]],
  [["church", "churches"]],
])("%j are one word: the list is read once, and all of them share the result", (forms) => {
  const [first = ""] = forms;

  expect(relatedTo(first)).not.toEqual([]);

  for (const form of forms) expect(relatedTo(form)).toBe(relatedTo(first));
});

test("words that only look alike are kept apart", () => {
  expect(relatedTo("care")).not.toContain("vehicle");
  expect(relatedTo("plane")).not.toContain("schedule");
  expect(relatedTo("win")).not.toContain("champagne");
});

test.each(["", "xyzzy", "the", "42", "犬"])("%j has no related words", (word) => {
  expect(relatedTo(word)).toEqual([]);
});

test("no word is related to its own forms, or to another word twice", () => {
  for (const word of everyWord) {
    const related = relatedTo(word);

    expect(new Set(related).size).toBe(related.length);

    for (const other of related) {
      expect(other).not.toBe(word);
      // All forms of a word share one array: another one means another word.
      expect(relatedTo(other)).not.toBe(related);
    }
  }
});

test("every line can be read, and every entry is a single word in lower case", () => {
  for (const line of lines) expect(line).toMatch(/^[a-z]+( [a-z]+)*( >|:)( [a-z]+)+$/);
});

test("each name has one line", () => {
  const all = entries.flatMap(({ names }) => names);

  expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
});

test("no line repeats a word", () => {
  for (const { names, words } of entries) {
    const all = [...names, ...words];

    expect(all.filter((word, at) => all.indexOf(word) !== at)).toEqual([]);
  }
});

test("no word in the list is too common to search for", () => {
  expect(everyWord.filter((word) => STOP_WORDS.has(word))).toEqual([]);
});
