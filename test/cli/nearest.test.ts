import { expect, test } from "vitest";
import { didYouMean, nearest } from "../../src/errors.ts";

test.each([
  { name: "agnet", candidates: ["grace", "agent"], near: "agent" },
  { name: "ADA", candidates: ["ada"], near: "ada" },
  { name: "grac", candidates: ["ada", "grace"], near: "grace" },
  // The same beginning is no slip.
  { name: "adalbert", candidates: ["ada"], near: undefined },
  { name: "ada", candidates: [], near: undefined },
])("the nearest name to $name of $candidates is $near", ({ name, candidates, near }) => {
  expect(nearest(name, candidates)).toBe(near);
  expect(didYouMean(name, candidates)).toBe(near === undefined ? "" : ` Did you mean ${near}?`);
});
