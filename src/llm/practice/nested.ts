import { reply, type Answer } from "./answer.ts";
import { readPage } from "./search-page.ts";
import { ownCalls, text, type Done, type View } from "./view.ts";

const MAX_PAGES = 20;
/** A longer chain is taken for one without an end. */
const MAX_LINKS = 25;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const IDENTIFIER =
  /(?<![\w-])(?!\d+(?:st|nd|rd|th|s|am|pm|k)\b)(?=[\w-]*\d)(?=[\w-]*[a-z])[\w]+(?:[-_][\w]+)*(?![\w-])|(?<![\w-])\w+_\w+(?![\w-])|(?<![\w-])\d{5,}(?![\w-])/i;
const ASKS =
  /\b(?:value|key|look ?up|lookup|nested|resolve|stored (?:under|for|at|as)|maps? to|points? to|corresponds?)\b/i;
const PAIR =
  /key\s*[=:]\s*["']?([^,"'\n]{1,200}?)["']?\s*,\s*value\s*[=:]\s*["']?([^,"'\n;]{1,200}?)["']?(?=[,;\n"']|\s+key\s*[=:]|\.?\s*$)/gi;

/** The key whose value a message asks for, if that is what it asks. */
export function askedKey(message: string): string | undefined {
  const head = message.length > 4000 ? message.slice(0, 2000) + message.slice(-2000) : message;
  if (!ASKS.test(head) || /\bkey\s*=\s*\S+,\s*value\s*=/i.test(head)) return undefined;
  if (/^(?:please )?(?:save|store|archive|remember|put|insert|note)\b/i.test(head)) return undefined;
  const named = /\bkey(?: is| named| called|:)? ["'`]([^"'`\n]{1,100})["'`]/i.exec(head)?.[1];
  return UUID.exec(head)?.[0] ?? named ?? IDENTIFIER.exec(head)?.[0];
}

/**
 * The next step of following a value that may itself be a key, decided from the searches made so far; undefined if
 * none of them is part of such a chain. Whatever the queue no longer holds is not needed: the last search says enough.
 */
export function follow(view: View, key: string | undefined, message: string | undefined): Answer | undefined {
  const searches = ownCalls(view).filter(
    ({ name, args }) => name === "archival_memory_search" && quoted(args) !== undefined,
  );
  const last = searches.at(-1);
  const current = last === undefined ? undefined : quoted(last.args);
  if (last === undefined || current === undefined)
    return key === undefined ? undefined : search(view, key, 0, "I look for this key in archival memory.");
  if (key === undefined && !IDENTIFIER.test(current) && !/key\s*[=:]/i.test(last.output)) return undefined;
  const value = valueIn(last, current);
  const known = new Set(searches.map(({ args }) => quoted(args)?.toLowerCase()));
  if (value !== undefined && known.has(value.toLowerCase())) return circle(value);
  if (value !== undefined && known.size >= MAX_LINKS) {
    return reply("This chain is too long for me, so I stop.", `I followed ${MAX_LINKS} keys and stopped at ${value}.`);
  }
  if (value !== undefined) return search(view, value, 0, "I found the value, and check whether it is itself a key.");
  const { page, pages } = readPage(last.output);
  const tries = searches.filter(({ args }) => quoted(args) === current).length;
  if (last.status === "OK" && page < pages && page < MAX_PAGES && tries < MAX_PAGES) {
    return search(view, current, page, "The exact pair is not on this page, so I turn to the next one.");
  }
  if (current.toLowerCase() === key?.toLowerCase()) {
    return reply(
      "This key is nowhere in archival memory, so I say so.",
      `I found no value stored under the key ${current}.`,
    );
  }
  const bare = message !== undefined && wantsOnlyValue(message);
  return reply("The last value is not a key itself, so it is the answer.", bare ? current : `The value is ${current}.`);
}

function search(view: View, key: string, page: number, thought: string): Answer {
  if (!view.can("archival_memory_search")) {
    return reply(
      "I cannot search archival memory here, so I say so.",
      "I have no way to search archival memory right now.",
    );
  }
  const query = `"${key.replaceAll('"', "")}"`;
  const args = page === 0 ? { query, request_heartbeat: true } : { query, page, request_heartbeat: true };
  return { thought, calls: [{ name: "archival_memory_search", args }] };
}

function circle(value: string): Answer {
  return reply(
    "The values lead back to a key I have already seen, so I stop.",
    `The values go round in a circle: they lead back to ${value}.`,
  );
}

function quoted(args: Done["args"]): string | undefined {
  return /^\s*"([^"]+)"\s*$/.exec(text(args, "query"))?.[1];
}

function valueIn(search: Done, key: string): string | undefined {
  for (const { text: passage } of readPage(search.output).hits) {
    for (const [, found = "", value = ""] of passage.matchAll(PAIR)) {
      if (found.trim().toLowerCase() === key.toLowerCase()) return value.trim();
    }
    const value = besides(key).exec(passage)?.[1];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** A pair in fewer words: `K = V`, `"K": "V"`, `K -> V`, `key K, value V`, `the value of K is V`. */
function besides(key: string): RegExp {
  const literal = key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const between =
    "[\"']?\\s*(?:[,;]?\\s*(?:and )?(?:has )?(?:the )?value(?: is)?\\s*[=:]?|=>?|:|->|→|maps to|points to|is)\\s*[\"']?";
  return new RegExp(`(?<![\\w-]|value[\\s=:"']{0,4})${literal}${between}([^\\s,"';]+?)(?=[\\s,"';]|\\.?$)`, "i");
}

function wantsOnlyValue(message: string): boolean {
  return /\b(?:only|just|nothing (?:else|but|more)|solely|exactly|without (?:any|further))\b/i.test(message);
}
