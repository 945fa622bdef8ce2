/** A request beyond conversation: archive a text, list what archival memory holds, or erase words for good. */
export type Request = { readonly archive: string } | { readonly list: string } | { readonly erase: string };

const POLITE = /^(?:(?:please|now|also|ok|okay|hi|hey|hello)\b[\s,!.:]*|(?:can|could|would|will) you (?:please )?)*/i;
const PLACE = "(?:your |the |my )?archiv(?:al(?: memory| storage)?|es?)";
const INTO = `(?: (?:to|in|into) ${PLACE})?`;
const ARCHIVE: readonly RegExp[] = [
  `^(?:save|store|archive|put|keep|add) (?:this|that|it|the following)(?: \\w+)?(?: for (?:me|later))?${INTO}\\s*[:\\n]\\s*([\\s\\S]+)$`,
  `^(?:save|store|archive|insert)${INTO}\\s*:\\s*([\\s\\S]+)$`,
  `^([\\s\\S]+?)[.!:\\n]\\s*(?:please )?(?:save|store|archive|keep) (?:this|that|it)${INTO}(?: please)?[.!]*$`,
  "^(?:bitte )?(?:speichere|archiviere|guarda|archiva|enregistre|sauvegarde)(?: das| dies| esto| ceci| ça)?\\s*:\\s*([\\s\\S]+)$",
  "^(?:请?保存|存档|احفظ)(?:这个| هذا)?\\s*[:：]\\s*([\\s\\S]+)$",
].map((source) => new RegExp(source, "iu"));
const LIST = new RegExp(
  `^(?:search|look|check|list|show|read|what|find)\\b[\\s\\S]{0,40}?\\b${PLACE}(?: (?:for|about|on|say about)|:)* ?([\\s\\S]*)$`,
  "iu",
);

const ERASE =
  /^(?:forget|erase|delete)(?: (?:everything|all|anything))?(?: (?:about|on|that says))? ["“]?(.+?)["”]? (?:for good|for ever|forever|permanently)[.!]*$/iu;

/** Every request has one of these words. Tested first, because the patterns above take 3 ms to compile. */
const WORDS =
  /archiv|save|store|put|keep|add|insert|speicher|guarda|enregistre|sauvegarde|forget|erase|delete|保存|存档|احفظ/i;

/** The request in a message, if it has one. */
export function readRequest(message: string): Request | undefined {
  if (!WORDS.test(message)) return undefined;
  const whole = message.slice(0, 200_000).trim().replace(POLITE, "");
  const list = LIST.exec(whole.slice(0, 600))?.[1];
  if (list !== undefined) return { list };
  const erase = ERASE.exec(whole.slice(0, 300))?.[1];
  if (erase !== undefined) return { erase };
  const archive = ARCHIVE.map((pattern) => pattern.exec(whole)?.[1]?.trim()).find((found) => found !== undefined);
  return archive === undefined || archive === "" ? undefined : { archive };
}
