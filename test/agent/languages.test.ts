import type { Embedder, FindResult } from "memgpt";
import { describe, expect, test } from "vitest";
import { testHome } from "../support/agents.ts";

type Language = {
  /** What was said; the first answers both questions. */
  readonly said: readonly string[];
  /** Shares no word with the answer. */
  readonly inOtherWords: string;
  readonly inItsWords: string;
};

const LANGUAGES: Readonly<Record<string, Language>> = {
  German: {
    said: [
      "Mein Wagen steht seit gestern in der Werkstatt.",
      "Die Kirschen sind dieses Jahr früh reif.",
      "Abends lesen wir den Kindern vor.",
      "Der Zug nach Bremen hatte Verspätung.",
      "Im Keller ist es zu feucht für Bücher.",
    ],
    inOtherWords: "Wo wird das Auto repariert?",
    inItsWords: "Wo steht mein Wagen seit gestern?",
  },
  Spanish: {
    said: [
      "Mi coche está en el taller desde ayer.",
      "Las cerezas maduran pronto este año.",
      "Por la noche leemos cuentos a los niños.",
      "El tren a Bilbao llegó tarde.",
      "El sótano es demasiado húmedo para los libros.",
    ],
    inOtherWords: "¿Dónde reparan tu automóvil?",
    inItsWords: "¿Dónde está mi coche desde ayer?",
  },
  Chinese: {
    said: [
      "我的车昨天送去维修厂了。",
      "今年樱桃熟得很早。",
      "晚上我们给孩子讲故事。",
      "去南京的火车晚点了。",
      "地下室太潮湿，不能放书。",
    ],
    inOtherWords: "汽车在哪里修理？",
    inItsWords: "昨天车送去哪里维修？",
  },
  Arabic: {
    said: [
      "سيارتي في الورشة منذ أمس.",
      "نضج الكرز مبكرا هذا العام.",
      "نقرأ القصص للأطفال مساء.",
      "تأخر القطار إلى حلب.",
      "القبو رطب جدا للكتب.",
    ],
    inOtherWords: "أين تصلح المركبة؟",
    inItsWords: "أين سيارتي منذ أمس؟",
  },
};

const ABOUT_THE_CAR = new Set(
  Object.values(LANGUAGES).flatMap(({ said, inOtherWords, inItsWords }) => [said[0], inOtherWords, inItsWords]),
);

/** Numbers that look random and depend on nothing but the text. */
function noise(text: string): number[] {
  let state = 2_166_136_261;
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return Array.from({ length: 48 }, () => {
    state = Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

function unit(numbers: readonly number[]): Float32Array {
  const norm = Math.hypot(...numbers);
  return Float32Array.from(numbers, (number) => number / norm);
}

function embedderOf(model: string, vectorOf: (text: string) => number[]): Embedder {
  return {
    model,
    dimensions: 64,
    minSimilarity: 0.5,
    embed: async (texts) => texts.map((text) => unit(vectorOf(text))),
  };
}

/** Knows what is about the car in each language, and that texts with the same words are alike. */
const multilingual = embedderOf("multilingual", (text) => {
  const words = text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
  const vector = Array.from({ length: 64 }, () => 0);
  if (ABOUT_THE_CAR.has(text)) vector[0] = 4;
  for (const word of words) {
    const at = 1 + ((word.codePointAt(0) ?? 0) % 63);
    vector[at] = (vector[at] ?? 0) + 1;
  }
  return vector;
});

/** Sees nothing but unknown words in what is not English: all such texts are near one another, in no order. */
const english = embedderOf("english", (text) => [...Array.from({ length: 16 }, () => 2), ...noise(text)]);

async function found(embedder: Embedder | undefined, query: string): Promise<FindResult> {
  const memgpt = await testHome(embedder === undefined ? {} : { embedder: () => embedder });
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  const said = Object.values(LANGUAGES).flatMap((language) => language.said);
  await agent.importMessages(said.map((text) => ({ role: "user" as const, text })));
  await agent.embedSaid();
  return agent.find({ query });
}

describe.each(Object.entries(LANGUAGES))("%s", (_, { said, inOtherWords, inItsWords }) => {
  test("is found in other words by an embedder of many languages, and not by words", async () => {
    const [byWords, byMeaning] = [await found(undefined, inOtherWords), await found(multilingual, inOtherWords)];

    expect(byWords.results.map(({ text }) => text)).not.toContain(said[0]);
    // That of another language may be as near.
    const own = byMeaning.results.map(({ text }) => text).filter((text) => said.includes(text));
    expect(own[0]).toBe(said[0]);
    expect(byMeaning.results[0]?.signals["meaning"]).toBeGreaterThan(0);
  });

  test("is found by its words just as well with an embedder of English", async () => {
    const [without, withEnglish] = [await found(undefined, inItsWords), await found(english, inItsWords)];

    expect(without.results[0]?.text).toBe(said[0]);
    expect(withEnglish.results[0]?.text).toBe(said[0]);
  });
});
