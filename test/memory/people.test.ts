import { expect, test } from "vitest";
import { peopleIn } from "../../src/memory/people.ts";

test.each([
  ["First name: Chad", "user", "Chad"],
  ["This is what I know: her name is Ana, she is 31.", "user", "Ana"],
  ["Goes by: unknown. Name:  Zoë-Marie", "user", "Zoë-Marie"],
])("%j names the %s %s", (value, role, name) => {
  expect(peopleIn([{ label: "human", value, limit: 100 }])).toEqual([{ name, role }]);
});

test("the persona names the agent", () => {
  const persona = { label: "persona", value: "My name is Sam. I am curious, and I'm kind.", limit: 100 };

  expect(peopleIn([persona])).toEqual([{ name: "Sam", role: "assistant" }]);
});

test("a name shared by person and agent means neither", () => {
  const blocks = [
    { label: "persona", value: "I am Alex.", limit: 100 },
    { label: "human", value: "First name: Alex", limit: 100 },
  ];

  expect(peopleIn(blocks)).toEqual([]);
});
