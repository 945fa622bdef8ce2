import { list } from "./text.ts";

/*
 * Which words after a verb make a phrase that can stand by itself in memory, months later. When in doubt there is none:
 * what is not remembered can still be found in the conversation.
 */

const SOMEONE = "(?:i|i'm|i've|i'll|he|she|we|we're|they|it|it's|you|my|our|his|her|their|that|that's|then|there|this)";

/** Where a phrase ends and a reason, a contrast or an aside begins. */
const ENDS: readonly RegExp[] = [
  /\s*(?:[;:(…!?"]|\.{2,}|\s[-–—]+|[-–—]+\s).*$/s,
  new RegExp(`,?\\s+(?:and|since|cause|coz|cuz|so) (?=${SOMEONE}\\b).*$`, "i"),
  /,?\s+when (?:i|we) (?:was|were)\b.*$/i,
  /,?\s+(?:because|'cause|so|but|although|though|even though|whereas|as well as|especially|particularly)\b.*$/i,
  new RegExp(
    `,\\s*(?:${SOMEONE}|which|who|too|actually|haha|lol|thanks|thank|not|even|just|plus|mate|right)\\b.*$`,
    "i",
  ),
];

const TAIL =
  /[\s,]+(?:too|so much|very much|a lot|a bit|a little|as well|these days|nowadays|now|right now|at the moment|currently|btw|by the way|haha+|lol|please|already|again|anyway|actually|really|you know|and all that|and stuff|or something|more than anything|at all|any ?more|either|myself|from time to time|instead|just like you|lately|recently|last (?:week|month|year|night)|for me|together)$/i;

/** A condition changes what is said, and pronouns point at what the memory does not hold. */
const OPEN =
  /\b(?:if|when|whenever|unless|until|till|except|as long as|while|where|wherever|how|what|why|whether|you|your|yours|yourself|yourselves|u|ya|i|I|me|we|us|it|its|it's|he|him|his|she|her|hers|they|them|this(?! (?:week|month|year|spring|summer|autumn|fall|winter|weekend)\b)|that|these|those|here|there|something|anything|everything|nothing|someone|somebody|everyone|everybody|such|gonna|wanna|y'all)\b/;
const VAGUE =
  /^(?:to$|all|both|so|too|very|really|just|each|every|more|most|any|no|not|some|one|lots|tons|plenty|a (?:lot|ton|bunch|bit|little|few|while|moment)|the (?:way|fact|idea|moment|thought|feeling)|to (?:think|know|see|say|hear|believe|tell|ask|talk|be|have)\b.*|my (?:life|job|day|new)|being here|myself|and|or)(?=$|\s)/i;
const DANGLING =
  /(?:^|\s)(?:a|an|the|and|or|of|to|for|with|in|at|on|from|by|about|into|than|as|like|so|very|my|our|their|some|more|most|every|each|other|own|really|be|also|just|who|which|safe|good|great|nice|big|little|new|different|spicy|positive)$/i;
const FINITE =
  /\b(?:is|are|was|were|am|can|could|will|would|should|must|might|has|had|does|did|isn't|aren't|can't|won't|doesn't|didn't|wasn't|gives?|makes|brings|helps|feels|means|reminds|keeps|rocks?)\b/i;

/** The object of a verb, complete up to the end of its clause; undefined where a reader could not know what it is. */
export function object(text: string, length = 120): string | undefined {
  const bare = untilEnd(text);
  if (bare.length > length || !/[\p{L}\p{N}]/u.test(bare)) return undefined;
  if (VAGUE.test(bare) || OPEN.test(bare) || DANGLING.test(bare)) return undefined;
  return inThirdPerson(bare);
}

/** A thing or an activity, or a list of them, that a person may like: `jazz`, `long walks`, `cooking and baking`. */
export function fondness(text: string): string | undefined {
  const bare = untilEnd(text);
  const items = itemsOf(bare);
  const several = bare.includes(",");
  // A comma may as well stand between two adjectives, which `and` shows that it does not.
  if (several && (items.length < 3 || items.some((item) => item.split(" ").length > 4 || /\ban?\b/i.test(item))))
    return undefined;
  const whole = several ? items : [bare];
  const sound = whole.map((item) => (SPECIFIC.test(item) || FINITE.test(item) ? undefined : object(item, 70)));
  return sound.every((item) => item !== undefined) ? list(sound) : undefined;
}

/** Praise of what is at hand (`the colours`, `having you there`), rather than a taste. */
const SPECIFIC =
  /^the (?!(?:sea|seaside|ocean|beach|mountains?|outdoors|countryside|woods|forest|desert|snow|rain|cold|heat|sun|theatre|theater|cinema|opera|gym|arts|piano|guitar|violin|cello)$|\p{Lu})|^(?:seeing|hearing|having|have|knowing|getting|talking|chatting|looking|by|with|for|at|on|in|up|out)\b|^being (?!outdoors|outside|alone|active|creative|in nature|around (?:friends|people)|an? \p{L}+$)|\p{Lu}\p{L}+'s\b|\b(?:photo|photos|picture|pictures|pic|pics|vibes?)$/u;

/** The items of `a, b and c`. */
export function itemsOf(text: string): string[] {
  return text.split(/\s*,\s*(?:(?:and|or|&)\s+)?|\s+(?:and|or|&)\s+/).filter((item) => item !== "");
}

/** First person as a reader of the memory would put it: `my dad` → `their dad`, but `with my family` → `with family`. */
export function inThirdPerson(text: string): string {
  return text
    .replace(/\bfam\b/gi, "family")
    .replace(/\b(?:my|our) (?=(?:family|friends|loved ones)\b)/gi, "")
    .replace(/\b(?:my|our)\b/gi, "their");
}

function untilEnd(text: string): string {
  let bare = text.slice(0, 400).trim();
  for (const end of ENDS) bare = bare.replace(end, "");
  for (let round = 0; round < 4; round += 1) bare = bare.replace(TAIL, "").trim();
  return bare.replace(/[\s.!,;:)\p{Extended_Pictographic}\ufe0f]+$/u, "");
}
