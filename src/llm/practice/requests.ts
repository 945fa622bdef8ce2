/** What a user asks for beside conversation: to put a text away, or to search archival memory or all there is. */
export type Request =
  | { readonly type: "archive"; readonly content: string }
  | { readonly type: "list"; readonly query: string; readonly isArchival: boolean };

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
const LIST =
  /^(?:show|list|give|find|read)(?: me)? (?:all|every|everything|each)(?: of)?(?: the| my| our| your)? ?([\s\S]+)$/i;

/** What a message asks for beside conversation, if anything. */
export function readRequest(message: string): Request | undefined {
  const whole = message.slice(0, 200_000).trim().replace(POLITE, "");
  const head = whole.slice(0, 600);
  for (const pattern of SEARCH_ARCHIVE) {
    const query = pattern.exec(head)?.[1];
    if (query !== undefined) return { type: "list", query, isArchival: true };
  }
  const kept = ARCHIVE.map((pattern) => pattern.exec(whole)?.[1]?.trim()).find((content) => content !== undefined);
  if (kept !== undefined && kept !== "") return { type: "archive", content: kept };
  const query = LIST.exec(head)?.[1];
  if (query === undefined || /\b(?:me|you|myself|yourself)\b/i.test(head.slice(7))) return undefined;
  return { type: "list", query, isArchival: /\b(?:archiv\w*|passages?|documents?|notes?)\b/i.test(query) };
}
