/** Vocabularies of OpenAI's models. */
type Encoding = "o200k_base" | "cl100k_base";

/**
 * The vocabularies of OpenAI's models; the first match wins. Gateways put a vendor before the name (`openai/gpt-4o`), and
 * fine-tuned models begin with `ft:`.
 *
 * @source https://github.com/openai/tiktoken/blob/main/tiktoken/model.py
 */
const ENCODINGS: readonly (readonly [name: RegExp, encoding: Encoding])[] = [
  [/^(chatgpt-4o|gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|gpt-oss|o[134])([-.:]|$)/, "o200k_base"],
  [/^(gpt-4|gpt-3\.5|gpt-35)([-.:]|$)/, "cl100k_base"],
];

const VENDORS = /^((openrouter|openai|azure)\/)*/;

/** The vocabulary of `model`; undefined for models that are not OpenAI's. */
export function encodingOf(model: string): Encoding | undefined {
  const name = model.toLowerCase().replace(VENDORS, "").replace(/^ft:/, "");
  return ENCODINGS.find(([pattern]) => pattern.test(name))?.[1];
}

/**
 * Returns a function that counts the tokens of a text for `model`; undefined if no exact count is available. The first call
 * loads the vocabulary, which takes a quarter of a second and some 70 MB; later calls return the same function.
 */
export async function tokenizerOf(model: string): Promise<((text: string) => number) | undefined> {
  const encoding = encodingOf(model);
  if (encoding === undefined) return undefined;
  return (loading[encoding] ??= load(encoding));
}

type Count = (text: string) => number;

const loading: Partial<Record<Encoding, Promise<Count | undefined>>> = {};

async function load(encoding: Encoding): Promise<Count | undefined> {
  try {
    // Each path is a literal, so that bundlers can follow it.
    const { countTokens } =
      encoding === "o200k_base"
        ? await import("gpt-tokenizer/encoding/o200k_base")
        : await import("gpt-tokenizer/encoding/cl100k_base");
    // Text that looks like a special token counts as text, as it does for the server.
    const asText = { disallowedSpecial: new Set<string>() };
    return (text) => pieces(text).reduce((sum, piece) => sum + countTokens(piece, asText), 0);
  } catch {
    // Installations without the package use the estimate.
    return undefined;
  }
}

/**
 * Splits the text before white space, where tokens end as well. Also splits long runs without any, at the cost of a token,
 * because the library's time grows with the square of a run's length.
 */
function pieces(text: string): readonly string[] {
  return text.match(/[^]{1,500}(?=\s|$)|[^]{1,500}/gu) ?? [];
}
