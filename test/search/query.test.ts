import { expect, test } from "vitest";
import { MOST_TERMS, parseQuery } from "../../src/search/query.ts";

test.each([
  ["What did Caroline say about the LGBTQ support group?", { terms: ["caroline", "say", "lgbtq", "support", "group"] }],
  ['"six flags" in May', { quoted: ["six flags"], terms: ["may"] }],
  ["“six flags”, «seven» and 「八」", { quoted: ["six flags", "seven", "八"] }],
  ['""six flags""', { quoted: ["six flags"] }],
  ['is the 12" laptop or the 15" screen broken?', { terms: ["12", "laptop", "15", "screen", "broken"] }],
  [
    "value of 0d7ba717-e034-410e-88ab-c13d37cc6499",
    { identifiers: ["0d7ba717-e034-410e-88ab-c13d37cc6499"], terms: ["value"] },
  ],
  ["mail to ana@example.com", { identifiers: ["ana@example.com"], terms: ["mail"] }],
  ["mailto:ana@example.com", { identifiers: ["ana@example.com"], terms: ["mailto"] }],
  ["see src/agent/step.ts", { identifiers: ["src/agent/step.ts"], terms: ["see"] }],
  ["src/agent/step.ts:40", { identifiers: ["src/agent/step.ts"], terms: ["40"] }],
  ["code=QX7-99Z", { identifiers: ["QX7-99Z"], terms: ["code"] }],
  ["QX7-99Z's hotel", { identifiers: ["QX7-99Z"], terms: ["hotel"] }],
  ["http://example.com:8080/a", { identifiers: ["http://example.com:8080/a"] }],
  ["What did we do on 2023-05-08?", { terms: ["2023", "05", "08"] }],
  ["meeting 5/10/2023", { terms: ["meeting", "5", "10", "2023"] }],
  ["meeting at 10:30", { preferred: ["10:30"], terms: ["meeting", "10", "30"] }],
  ["Which artists/bands did she see?", { terms: ["artists", "bands", "see"] }],
  ["Who had covid-19 in the 1800s?", { terms: ["covid", "19", "1800s"] }],
  ["covid-19", { identifiers: ["covid-19"] }],
  ["h1n1", { identifiers: ["h1n1"] }],
  ["What happened to order 4711815?", { identifiers: ["4711815"], terms: ["happened", "order"] }],
  ["What is the status of PROJ-123?", { preferred: ["PROJ-123"], terms: ["status", "proj", "123"] }],
  ["Is v2.3.1 out?", { preferred: ["v2.3.1"], terms: ["v2", "3", "1"] }],
  ["Is it in /tmp/notes?", { identifiers: ["tmp/notes"] }],
  ["Do we use C++ or C#?", { identifiers: ["C++", "C#"], terms: ["use"] }],
  [".env", { identifiers: [".env"] }],
  ["soft\u00adware don’t", { terms: ["software"] }],
  ["to be or not to be", { terms: ["to", "be", "or", "not"] }],
  ["?!", {}],
])("%s is parsed as %j", (query, parts) => {
  expect(parseQuery(query)).toEqual({ quoted: [], identifiers: [], preferred: [], terms: [], ...parts });
});

test.each(["a/", "a\\", "x/a", "a.", "Ab/1", "!", "a!", '"', "1:", "a@"])(
  "%j repeated many times is parsed quickly",
  (part) => {
    // A pattern that takes the cube of the length would not be done before the test is given up.
    for (const query of [part.repeat(10_000), `a${part.repeat(9_000)}a`]) {
      expect(parseQuery(query).terms.length).toBeLessThanOrEqual(MOST_TERMS);
    }
  },
);
