import fc from "fast-check";
import { expect, test } from "vitest";
import { parseQuery, toMatchExpressions } from "../../src/search/query.ts";

test.each([
  ["What did Caroline say about the LGBTQ support group?", [], ["caroline", "say", "lgbtq", "support", "group"]],
  ['"six flags" in May', ["six flags"], ["may"]],
  ["value of 0d7ba717-e034-410e-88ab-c13d37cc6499", ["0d7ba717-e034-410e-88ab-c13d37cc6499"], ["value"]],
  ["mail to ana@example.com", ["ana@example.com"], ["mail"]],
  ["see src/agent/step.ts", ["src/agent/step.ts"], ["see"]],
  ["What did we do on 2023-05-08?", [], ["2023", "05", "08"]],
  ["meeting 5/10/2023", [], ["meeting", "5", "10", "2023"]],
  ["Which artists/bands did she see?", [], ["artists", "bands", "see"]],
  ["Who had covid-19 in the 1800s?", [], ["covid", "19", "1800s"]],
  ["covid-19", ["covid-19"], []],
  ["h1n1", ["h1n1"], []],
  ["What happened to order 4711815?", ["4711815"], ["happened", "order"]],
  ["Is it in /tmp/notes?", ["tmp/notes"], []],
  ["to be or not to be", [], ["to", "be", "or", "not"]],
  ["?!", [], []],
])("%s requires %j and looks for %j", (query, required, terms) => {
  expect(parseQuery(query)).toEqual({ required, terms });
});

test("a short query wants all of its words first, and any of them if none has all", () => {
  expect(toMatchExpressions(parseQuery("six flags"))).toEqual(['"six" AND "flags"', '"six" OR "flags"']);
  expect(toMatchExpressions(parseQuery("red blue green yellow"))).toEqual(['"red" OR "blue" OR "green" OR "yellow"']);
  expect(toMatchExpressions(parseQuery(""))).toEqual([]);
});

test("every part of every expression is quoted, so that nothing in a query is an operator", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (query) => {
      for (const expression of toMatchExpressions(parseQuery(query))) {
        const operators = expression.replace(/"(?:[^"]|"")*"/g, "").replace(/AND|OR|[() ]/g, "");

        expect(operators).toBe("");
      }
    }),
  );
});
