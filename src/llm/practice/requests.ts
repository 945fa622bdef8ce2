import { sentences, stripPolite, tidy } from "./text.ts";

export type MemoryRequest = { readonly type: "remember" | "forget"; readonly content: string };

/** What a user asks to have kept, or forgotten, in so many words. */
export type Request =
  | { readonly type: "archive"; readonly content: string }
  | { readonly type: "archive_search"; readonly query: string; readonly all: boolean }
  | { readonly type: "list"; readonly query: string }
  | { readonly type: "page"; readonly page: number | "next" | "previous" };

const ARCHIVE_PLACE =
  "(?:to |in |into )?(?:your |the |my )?(?:archival(?: memory| storage)?|archives?|long[- ]term memory)";
const KEEP = "(?:save|store|archive|put|keep|insert|add|write|record|file)";
const ARCHIVE: readonly RegExp[] = [
  new RegExp(
    `^${KEEP}(?: all)?(?: of)? (?:this|that|it|these|the following|what follows)(?: (?:note|text|passage|document|fact|line|message|pair|down))?(?: for me| please)?(?: away)?,? ?(?:${ARCHIVE_PLACE})?(?: for later| for me| please)?\\s*[:\\n–—-]\\s*([\\s\\S]+)$`,
    "i",
  ),
  new RegExp(
    `^${KEEP}(?: down)? ${ARCHIVE_PLACE}(?: for me| please)?(?: that|,? the following| this)?\\s*[:,\\n–—-]?\\s+([\\s\\S]+)$`,
    "i",
  ),
  new RegExp(
    `^${KEEP} (?:this |the following )?(?:key[- ]value pairs?|note|passage|text|document|fact)s?(?: ${ARCHIVE_PLACE})?\\s*[:\\n]\\s*([\\s\\S]+)$`,
    "i",
  ),
  new RegExp(
    `^${KEEP} (?!this\\b|that\\b|it\\b|a note\\b)([\\s\\S]+?) ${ARCHIVE_PLACE.replace("(?:to |in |into )?", "(?:to|in|into) ")}(?: for me| please| for later)?[.!?]*$`,
    "i",
  ),
  new RegExp(
    `^(?:remember|note)(?: down)? (?:(?:this|that|these|it) )?${ARCHIVE_PLACE.replace("(?:to |in |into )?", "(?:to|in|into) ")}\\s*[:,]?\\s+([\\s\\S]+)$`,
    "i",
  ),
  /^(?:save|store|archive)(?: for later)?\s*:\s*([\s\S]+)$/i,
  /^archive (?!search|of\b|for\b)(?:that |the fact that )?([\s\S]+)$/i,
  new RegExp(
    `^([\\s\\S]+?)[.!:\\n]\\s*(?:please |could you |can you )?${KEEP} (?:this|that|it|all of this|all this)(?: all)?(?: away| down)?(?: ${ARCHIVE_PLACE})?(?: for me| please| for later)*[.!?]*$`,
    "i",
  ),
];
const REMEMBER =
  /^(?:remember|note|make a note|keep in mind|don't forget|do not forget|never forget|bear in mind|write down|memori[sz]e|take note|save|store|please remember|for future reference|you should know)(?: (?:that|down|this|the fact that))*\s*[:,]?\s+([\s\S]+)$/i;
const FORGET =
  /^(?:(?:you can |you should |please )*(?:forget|delete|remove|erase|drop)|don't remember|stop remembering)(?: (?:what i (?:said|told you) about|(?:everything|anything|all|what)(?: that)?(?: you (?:know|remember|have|noted|stored))? (?:about|on)|the fact|about|that|from your memory|the (?:line|note|part) (?:about|that says)))*\s*[:,]?\s+([\s\S]+?)(?: (?:from|in) (?:your |my |core )*(?:core )?memory)?[.!]?$/i;
const SEARCH_ARCHIVE: readonly RegExp[] = [
  new RegExp(
    `^(?:search|look(?: up)?|check|query|browse|go through|scan)(?: in| through| into)?(?: all of)? ${ARCHIVE_PLACE}(?: for| about| on|,|:)? ?([\\s\\S]*)$`,
    "i",
  ),
  new RegExp(
    `^(?:search|look(?: up)?|find|check)(?: for)? ([\\s\\S]+?) ${ARCHIVE_PLACE.replace("(?:to |in |into )?", "(?:in|from|within) ")}[.?!]*$`,
    "i",
  ),
  new RegExp(
    `^(?:what|anything|is there anything|do you have anything|what else|tell me what)[\\s\\S]{0,30}? ${ARCHIVE_PLACE} ?(?:about|on|for|regarding|say about|mention(?:ing)?|that mentions)? ?([\\s\\S]*)$`,
    "i",
  ),
  new RegExp(
    `^(?:show|list|read|give)(?: me)?(?: all| everything| every)?(?: of| the| your| passages?| notes?| entries| items?| that(?:'s| is| are)?| you have)* ${ARCHIVE_PLACE} ?(?:about|on|for|regarding|that mentions?|mentioning)? ?([\\s\\S]*)$`,
    "i",
  ),
];
const LIST =
  /^(?:show|list|give|find|read|tell)(?: me)? (?:all|every|everything|each)(?: of)?(?: the| my| our| your)? ?([\s\S]*)$/i;
const NEXT_PAGE =
  /^(?:(?:show|give|get|see|load|read|go(?: on)?(?: to)?|turn|let me see|i want|can i see|what(?:'s| is) on)(?: me| to)? ?)?(?:the |some |a few |any |even )?(?:next(?: page| one| ones| results?| please)?|more(?: results?| please| of (?:them|those|these))?|keep going|go on|continue|further results?)(?:,? please)?[.!?]*$/i;
const PAGE =
  /^(?:(?:show|give|go|get|see|open|read|turn|load|jump)(?: me)?(?: to)? )?(?:the )?page (?:number )?(\d{1,4})(?: please)?[.!?]*$/i;
const PREVIOUS =
  /^(?:(?:show|go|give)(?: me)?(?: to)? )?(?:the )?(?:previous|last|prior|back one) page[.!?]*$|^go back(?: a page)?[.!]*$/i;

/** What a message asks for beside conversation, if anything. */
export function readRequest(message: string): Request | undefined {
  const text = stripPolite(tidy(message));
  return readPaging(text) ?? readArchive(text, stripPolite(message.slice(0, 200_000).trim())) ?? readSearch(text);
}

function readPaging(text: string): Request | undefined {
  if (text.length > 60) return undefined;
  const numbered = PAGE.exec(text);
  if (numbered !== null) return { type: "page", page: Number(numbered[1]) };
  if (PREVIOUS.test(text)) return { type: "page", page: "previous" };
  return NEXT_PAGE.test(text) ? { type: "page", page: "next" } : undefined;
}

function readArchive(text: string, whole: string): Request | undefined {
  if (SEARCH_ARCHIVE.some((pattern) => pattern.test(text)) && !/^(?:put|add|insert|file)\b/i.test(text))
    return undefined;
  const kept = ARCHIVE.map((pattern) => pattern.exec(text)?.[1]?.trim()).find(
    (content) => content !== undefined && content !== "",
  );
  if (kept === undefined) return undefined;
  // What was pasted is kept as it was pasted: the rules above have only looked at its beginning.
  const at = whole.indexOf(kept.slice(0, 40));
  const closing = whole.length <= text.length + 50 ? kept : whole.slice(Math.max(at, 0));
  return {
    type: "archive",
    content: at < 0 || kept.includes('"') ? kept : closing.slice(0, Math.max(kept.length, closing.length)),
  };
}

function readSearch(text: string): Request | undefined {
  const head = text.slice(0, 600);
  for (const pattern of SEARCH_ARCHIVE) {
    const found = pattern.exec(head);
    if (found !== null)
      return { type: "archive_search", query: (found[1] ?? "").replace(/[?!.\s]+$/, ""), all: wantsAll(head) };
  }
  const list = LIST.exec(head);
  if (list === null || /^(?:me|about (?:you|yourself))\b/i.test(list[1] ?? "")) return undefined;
  return /\byou (?:know|remember)\b/i.test(head)
    ? undefined
    : { type: "list", query: (list[1] ?? "").replace(/[?!.\s]+$/, "") };
}

export function wantsAll(text: string): boolean {
  return /\b(?:all|every|everything|each|complete|entire|whole|(?:to|until|till) the end|(?:page|read|go) through)\b/i.test(
    text.slice(0, 600),
  );
}

/** What single sentences ask to have remembered or forgotten. */
export function memoryRequests(message: string): MemoryRequest[] {
  return sentences(tidy(message)).flatMap((sentence): MemoryRequest[] => {
    const text = stripPolite(sentence.slice(0, 1000));
    if (/\?\W*$/.test(text) && !/^(?:can|could|would|will) you/i.test(sentence)) return [];
    const forget = FORGET.exec(text)?.[1];
    if (forget !== undefined && !/^(?:it|that|to|me|you)$/i.test(forget)) return [{ type: "forget", content: forget }];
    const remember = REMEMBER.exec(text)?.[1];
    if (
      remember === undefined ||
      (/\?\W*$/.test(text) && !/^(?:my|i|i'm|our|the|to)\b/i.test(remember)) ||
      /^(?:me|when|what|who|where|how|why|the time|our|us|you)\b/i.test(remember)
    )
      return [];
    return [{ type: "remember", content: remember }];
  });
}
