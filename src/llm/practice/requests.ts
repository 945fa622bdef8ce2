/** What a user asks for beside conversation: to put a text away, or to tell what archival memory holds. */
export type Request = { readonly archive: string } | { readonly list: string };

const POLITE =
  /^(?:(?:hi|hello|hey|ok|okay|now|and|also|well|so|please|kindly|yes|great|thanks|thank you)\b[\s,!.:]*|(?:can|could|would|will) you(?: please| kindly)? (?!remember\b)|i(?:'d| would) (?:like|want) you to |i (?:want|need) you to )*/i;
const PLACE = "(?:your |the |my )?(?:archival(?: memory| storage)?|archives?|long[- ]term memory)";
const INTO = `(?:to|in|into) ${PLACE}`;
const KEEP = "(?:save|store|archive|put|keep|insert|add|write|record|file)";
const FOR_ME = "(?: for me| please| for later)*";
const ABOUT = "(?:for|about|on|regarding|say about|mention(?:ing)?|that mentions?|,|:)";
const ARCHIVE: readonly RegExp[] = [
  `^${KEEP} (?:this|that|it|these|the following)(?: \\w+)?${FOR_ME}(?: away)?,?(?: ?${INTO})?${FOR_ME}\\s*[:\\n–—]\\s*([\\s\\S]+)$`,
  `^${KEEP}(?: down)? ${INTO}${FOR_ME}(?: that|,? the following| this)?\\s*[:,\\n–—]?\\s+([\\s\\S]+)$`,
  `^(?:insert|add) into ${PLACE}\\s*[:,]\\s*([\\s\\S]+)$`,
  `^${KEEP} (?!this\\b|that\\b|it\\b)([\\s\\S]+?) ${INTO}${FOR_ME}[.!?]*$`,
  `^(?:remember|note)(?: down)? (?:(?:this|that|these|it) )?${INTO}\\s*[:,]?\\s+([\\s\\S]+)$`,
  "^(?:save|store|archive)(?: for later)?\\s*:\\s*([\\s\\S]+)$",
  "^archive (?!search|of\\b|for\\b)(?:that |the fact that )?([\\s\\S]+)$",
  `^([\\s\\S]+?)[.!:\\n]\\s*(?:please )?${KEEP} (?:this|that|it|all (?:of )?this)(?: away| down)?(?: ?${INTO})?${FOR_ME}[.!?]*$`,
  "^(?:bitte )?(?:speichere|archiviere)(?: das| dies| folgendes)?\\s*:\\s*([\\s\\S]+)$",
  "^(?:guarda|archiva|enregistre|sauvegarde)(?: esto| ceci| ça)?\\s*:\\s*([\\s\\S]+)$",
  "^(?:请?保存|存档|احفظ)(?:这个| هذا)?\\s*[:：]\\s*([\\s\\S]+)$",
].map((source) => new RegExp(source, "iu"));
const SEARCH_ARCHIVE: readonly RegExp[] = [
  `^(?:search|look(?: up)?|check|query|browse|go through)(?: in| through| into)?(?: all of)? ${PLACE}(?: ${ABOUT})?:? ?([\\s\\S]*)$`,
  `^(?:search|look(?: up)?|find|check)(?: for)? ([\\s\\S]+?) (?:in|from|within) ${PLACE}[.?!]*$`,
  `^(?:what|anything|is there anything|do you have anything|tell me what)[\\s\\S]{0,30}? ${PLACE} ?${ABOUT}? ?([\\s\\S]*)$`,
  `^(?:show|list|read|give)(?: me)?(?: all| everything| every)?(?: of| the| your| passages?| notes?| entries| in| you have)* ${PLACE} ?${ABOUT}? ?([\\s\\S]*)$`,
].map((source) => new RegExp(source, "iu"));

/** What a message asks for beside conversation, if anything. */
export function readRequest(message: string): Request | undefined {
  const whole = message.slice(0, 200_000).trim().replace(POLITE, "");
  const list = firstGroup(SEARCH_ARCHIVE, whole.slice(0, 600));
  if (list !== undefined) return { list };
  const archive = firstGroup(ARCHIVE, whole)?.trim() ?? "";
  return archive === "" ? undefined : { archive };
}

function firstGroup(patterns: readonly RegExp[], text: string): string | undefined {
  return patterns.map((pattern) => pattern.exec(text)?.[1]).find((found) => found !== undefined);
}
