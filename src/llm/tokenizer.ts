/** Vocabularies of OpenAI's models. */
type Encoding = "o200k_base" | "cl100k_base";

/**
 * Which vocabulary a model of OpenAI has, by the first name that matches. Gateways put a vendor before the name
 * (`openai/gpt-4o`), and a model that was fine-tuned has `ft:` before it.
 *
 * @source https://github.com/openai/tiktoken/blob/main/tiktoken/model.py
 */
const ENCODINGS: readonly (readonly [name: RegExp, encoding: Encoding])[] = [
  [/^(chatgpt-4o|gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|gpt-oss|o[134])([-.:]|$)/, "o200k_base"],
  [/^(gpt-4|gpt-3\.5|gpt-35)([-.:]|$)/, "cl100k_base"],
];

const VENDORS = /^((openrouter|openai|azure)\/)*/;

/** Undefined for models that are not OpenAI's: their vocabularies are not known here. */
export function encodingOf(model: string): Encoding | undefined {
  const name = model.toLowerCase().replace(VENDORS, "").replace(/^ft:/, "");
  return ENCODINGS.find(([pattern]) => pattern.test(name))?.[1];
}

/**
 * What counts the tokens of a text for `model`; undefined where nothing does exactly. The vocabulary is loaded when it is
 * first asked for, which takes a quarter of a second and some 70 MB, and is the same function ever after.
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
    // Each path in full: what is put into one file by a bundler is found by it.
    const { countTokens } =
      encoding === "o200k_base"
        ? await import("gpt-tokenizer/encoding/o200k_base")
        : await import("gpt-tokenizer/encoding/cl100k_base");
    // What looks like a mark of the protocol is text here, as it is for the server.
    const asText = { disallowedSpecial: new Set<string>() };
    return (text) => pieces(text).reduce((sum, piece) => sum + countTokens(piece, asText), 0);
  } catch {
    // An installation without it has the estimate.
    return undefined;
  }
}

/**
 * The text in pieces that end before white space, where tokens end as well; a run without any is parted, at the cost of a
 * token. The library's time grows with the square of such a run.
 */
function pieces(text: string): readonly string[] {
  return text.match(/[^]{1,500}(?=\s|$)|[^]{1,500}/gu) ?? [];
}
