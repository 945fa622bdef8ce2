/** Invisible characters: zero-width ones, soft hyphens, tags, direction overrides, variation selectors. */
const INVISIBLE =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** Letters of other scripts that look like Latin ones. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: "a", в: "b", с: "c", ԁ: "d", е: "e", ё: "e", ғ: "f", һ: "h", і: "i", ї: "i", ј: "j", к: "k", ӏ: "l", м: "m", н: "h", о: "o",
  р: "p", ԛ: "q", ѕ: "s", т: "t", ц: "u", ѵ: "v", ԝ: "w", х: "x", у: "y", ʏ: "y", α: "a", ε: "e", ι: "i", κ: "k", ν: "v", ο: "o",
  ρ: "p", τ: "t", υ: "u", χ: "x", ɑ: "a", ɡ: "g", ı: "i", ɩ: "i", ſ: "s", ո: "n", օ: "o", ս: "u",
}; // prettier-ignore

const CYRILLIC: Readonly<Record<string, string>> = {
  a: "а",
  c: "с",
  e: "е",
  k: "к",
  m: "м",
  h: "н",
  o: "о",
  p: "р",
  t: "т",
  x: "х",
  y: "у",
  b: "ь",
};

const DIGITS: Readonly<Record<string, string>> = {
  0: "o",
  1: "i",
  3: "e",
  4: "a",
  5: "s",
  7: "t",
  8: "b",
  "@": "a",
  $: "s",
  "!": "i",
  "|": "l",
};

/** `text` normalised for comparison: compatibility forms folded, lower case, no invisible characters, single spaces. */
export function plain(text: string): string {
  return text
    .normalize("NFKC")
    .replace(INVISIBLE, "")
    .toLowerCase()
    .replace(/[’‘ʼ`´]/gu, "'")
    .replace(/[*~]+|__+/gu, "")
    .replace(/\s+/gu, " ");
}

/** Plain text with disguised letters undone: letters of other scripts, digits for letters, accents. */
export function undisguised(text: string): string {
  return text.replace(/[\p{L}\p{N}@$!|]+/gu, (word) => {
    const latin = /[a-z]/u.test(word);
    if (!latin) return word;
    // A Cyrillic word with a few Latin letters.
    if (/\p{Script=Cyrillic}/u.test(word) && (word.match(/[a-z]/gu) ?? []).every((letter) => letter in CYRILLIC)) {
      return word.replace(/[a-z]/gu, (letter) => CYRILLIC[letter] ?? letter);
    }
    const folded = word.replace(/\P{ASCII}/gu, (letter) => LOOKALIKES[letter] ?? letter);
    return /\p{L}[013457 8@$!|]|[013457 8@$|]\p{L}/u.test(folded)
      ? folded.replace(/[013457 8@$!|]/gu, (digit) => DIGITS[digit] ?? digit)
      : folded;
  });
}

/** Joins words spelled letter by letter (`i g n o r e`, `i.g.n.o.r.e`). A wider gap separates two words. */
export function respelled(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}])(?:\p{L}[ .\-_·*]{1,3}){4,}\p{L}(?![\p{L}\p{N}])/gu, (run) =>
    run
      .split(/[ .\-_·*]{2,}/u)
      .map((word) => word.replace(/[ .\-_·*]/gu, ""))
      .join(" "),
  );
}

/** Whether `text` has more invisible characters than ordinary writing needs. */
export function hidesText(text: string): boolean {
  // Flags of regions are a black flag with tags; emoji and some scripts need joiners and one selector each.
  const bare = text.replace(/\u{1f3f4}[\u{e0020}-\u{e007e}]+\u{e007f}/gu, "");
  if (/[\u{e0000}-\u{e007f}]/u.test(bare)) return true;
  if (/[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2,}/u.test(bare)) return true;
  if (/[\u202d\u202e]/u.test(bare)) return true;
  if (/[\u200b\u2060-\u2064\ufeff\u180e]{3,}/u.test(bare)) return true;
  return (bare.match(/(?<=[a-z])[\u00ad\u200b-\u200d\u2060\ufeff](?=[a-z])/giu) ?? []).length >= 3;
}
