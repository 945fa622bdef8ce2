import fc from "fast-check";

/** Arbitrary texts, with lone surrogates, control characters and fragments of our own formats. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 }).map((codes) => String.fromCharCode(...codes)),
  fc
    .array(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        '"',
        "\\",
        ",",
        ":",
        "null",
        "1e999",
        "\u0000",
        "\u2028",
        "<",
        ">",
        " ",
        "\n",
        "a",
      ),
      { maxLength: 120 },
    )
    .map((pieces) => pieces.join("")),
);

/** JSON values, some of them as deep as recursion would mind. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }),
  fc.constantFrom(20, 2_000).map((depth) => nested(depth)),
);

/** A text that is cut, doubled or has letters changed. */
export function mangled(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(texts, fc.nat(), fc.nat(), fc.constantFrom("cut", "doubled", "changed", "whole"), anyText)
    .map(([text, one, other, how, noise]) => {
      const [from, to] = [one % (text.length + 1), other % (text.length + 1)].sort((a, b) => a - b) as [number, number];
      switch (how) {
        case "cut":
          return text.slice(0, from) + text.slice(to);
        case "doubled":
          return text.slice(0, to) + text.slice(from);
        case "changed":
          return text.slice(0, from) + noise + text.slice(to);
        case "whole":
          return text;
      }
    });
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let n = 0; n < depth; n += 1) value = n % 2 === 0 ? [value] : { a: value };
  return value;
}
