import { readFileSync } from "node:fs";
import fc from "fast-check";
import { encode as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { expect, test } from "vitest";
import { readPreset } from "../../src/settings/presets.ts";
import { builtInFunctions } from "../../src/functions/built-in.ts";
import { estimateTokens, functionTokens, prefixWithin } from "../../src/memory/tokens.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import { temporaryFolder } from "../support/agents.ts";

const schemas = builtInFunctions().map((fn) => fn.schema);
const chat = async (): Promise<string> => (await readPreset(homeAt(temporaryFolder()), "memgpt_chat")).system;

const SAMPLES: readonly [string, string][] = [
  ["the README", readFileSync(new URL("../../README.md", import.meta.url), "utf8")],
  ["source code", readFileSync(new URL("../../src/agent/agent.ts", import.meta.url), "utf8")],
  ["function schemas", JSON.stringify(schemas)],
  ["identifiers", Array.from({ length: 40 }, (_, n) => `0d7ba717-e034-410e-88ab-c13d37cc64${10 + n}`).join(", ")],
  [
    "an event",
    '{"type":"user_message","message":"my boyfriend James baked me a cake","time":"2026-11-21 01:40:27 AM UTC+0000"}',
  ],
  ["Japanese", "昨日は友達と一緒に公園へ行って、桜の写真をたくさん撮りました。".repeat(5)],
  ["Russian", "Вчера мы ходили в парк и сделали много фотографий.".repeat(5)],
  ["Greek", "Η μνήμη είναι το θεμέλιο της προσωπικότητάς μας. ΚΑΙ ΤΗΣ ΖΩΗΣ. ".repeat(4)],
  ["Russian in capitals", "ВЧЕРА МЫ ХОДИЛИ В ПАРК И СДЕЛАЛИ МНОГО ФОТОГРАФИЙ. ".repeat(4)],
  ["Armenian", "Ես սիրում եմ կարդալ գրքեր երեկոյան։ ".repeat(4)],
  ["Hebrew", "אני אוהב לקרוא ספרים בערב עם תה. ".repeat(4)],
  ["Arabic", "أحب قراءة الكتب في المساء مع الشاي. ".repeat(4)],
  ["Hindi", "मुझे शाम को चाय के साथ किताबें पढ़ना पसंद है। ".repeat(4)],
  ["Thai", "ฉันชอบอ่านหนังสือตอนเย็นกับชา ".repeat(4)],
  ["Burmese", "ကျွန်တော် ညနေပိုင်းမှာ စာဖတ်ရတာ ကြိုက်တယ်။ ".repeat(4)],
  ["Georgian", "მიყვარს საღამოს წიგნების კითხვა ჩაით. ".repeat(4)],
  ["Amharic", "ምሽት ላይ መጽሐፍ ማንበብ እወዳለሁ። ".repeat(4)],
  ["Korean", "저는 저녁에 차를 마시며 책 읽는 것을 좋아합니다. ".repeat(4)],
  ["Chinese", "我喜欢在晚上喝茶看书。".repeat(8)],
  ["Vietnamese", "Tôi thích đọc sách vào buổi tối với một tách trà. ".repeat(4)],
  ["French", "J'ai été élevé près de la forêt, où naît l'été. ".repeat(4)],
  ["numbers", "1 2 3 4 5 67 89 100 2000 31337 ".repeat(6)],
  ["mathematics", "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋ ≠ ∞ → ⇒ ∑∫√ ".repeat(4)],
  ["punctuation", "!@#$%^&*() ...?!? {[<>]} ~`|; ".repeat(6)],
  ["emoji", "😀🎉👩‍👩‍👧‍👦🏳️‍🌈".repeat(10)],
];

test.each(SAMPLES)("the estimate errs high, but not far, on %s", (_, text) => {
  const exact = Math.max(o200k(text).length, cl100k(text).length);

  expect(estimateTokens(text)).toBeGreaterThanOrEqual(exact);
  expect(estimateTokens(text)).toBeLessThanOrEqual(exact * 1.5);
});

test("the fixed part of the prompt stays under 2,000 tokens, by the estimate and by a real tokenizer", async () => {
  const prompt = await chat();

  expect(estimateTokens(prompt) + functionTokens(schemas)).toBeLessThan(2000);
  expect(o200k(prompt).length + o200k(JSON.stringify(schemas)).length).toBeLessThan(2000);
});

test("a prefix by tokens fits, is as long as possible, and does not split a surrogate pair", () => {
  const texts = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.nat(5000).map((n) => "🎉a ".repeat(n)),
  );
  fc.assert(
    fc.property(texts, fc.nat(120), (text, tokens) => {
      const prefix = prefixWithin(text, tokens);

      expect(text.startsWith(prefix)).toBe(true);
      expect(estimateTokens(prefix)).toBeLessThanOrEqual(tokens);
      expect(prefix.isWellFormed()).toBe(true);
      if (estimateTokens(text) <= tokens && text.length <= tokens * 16) expect(prefix).toBe(text);
    }),
  );
});
