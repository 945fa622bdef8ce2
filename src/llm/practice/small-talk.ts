import { longDay } from "./dates.ts";
import { SELF, userName } from "./greet.ts";
import { gist, reflect } from "./reflect.ts";
import { retell, type Speech } from "./speech.ts";
import { contentWords, isQuestion, pick, quote, sentences, tidy } from "./text.ts";
import { text, type View } from "./view.ts";

type Choices = readonly [string, ...string[]];

const ABILITIES =
  "I remember what you tell me about yourself, correct it when it changes, search our past conversations, and keep and find texts in archival memory (say “save this: …” or “search your archive for …”).";

/** Questions to the model itself. They are answered without a search. */
const ABOUT_ME: readonly (readonly [RegExp, Choices])[] = [
  [
    /\b(?:do|will|can|would|that|when|why (?:do|did)) you (?:ever |always |just |really )*(?:forget|lose)\b/i,
    ["I forget only what you ask me to. All we say stays in recall memory, even when it leaves my context."],
  ],
  [
    /\b(?:are|r) (?:you|u) (?:an? |really |just |actually )*(?:human|person|robot|bot|ai|machine|real|alive|conscious|sentient|chatgpt|gpt|llm|language model|claude|someone|computer|program)\b|\bwhat (?:are|r) (?:you|u)\b(?! (?:doing|up|talking|thinking|saying|looking|going))|\bwho (?:are|r) (?:you|u)\b|\bwhat(?:'s| is) your name\b|\b(?:which|what) (?:ai |language )?model (?:are|do) you\b|\btell me about (?:you|yourself)\b|\bintroduce yourself\b|\bwho (?:made|created|built) you\b|\bhow do (?:i|you) connect\b|\bare you there\b|\bdo you have (?:feelings|emotions|a name)\b/i,
    [SELF],
  ],
  [
    /\bwhat (?:can|could|do) you do\b|\bhow (?:can|do) you (?:help|work)\b|\bwhat should i (?:try|ask|say|do (?:here|first|now))\b|^help\b|\bwhat (?:are|is) (?:your|this) (?:abilities|capabilities|features|for|about)\b|\bhow does (?:this|it|your memory|memory) work\b|\b(?:can|could|will) you help(?: me)?\b|\bhow do i use\b|\b(?:can|do|will) you (?:really )?remember (?:things|stuff|me|what i say|everything|anything)\b/i,
    [ABILITIES],
  ],
  [
    /\bhow (?:are|r) (?:you|u)\b|\bhow(?:'s| is) it going\b|\bhow do you do\b|\bwhat'?s up\b(?! with)|\bhow have you been\b|\bhow(?:'s| is| was) your (?:day|week|weekend|morning)\b|\bhow(?:'s| are) things\b|\byou (?:ok|okay|alright|good)\b|^and you\b|\bwhat about you\b|\bhow about you\b/i,
    [
      "All in order here, thank you for asking. And how are you?",
      "My rules are in order and my memory is open, thank you. How are things with you?",
    ],
  ],
  [
    /\b(?:tell|know|got|say|make|give)\b.{0,20}\b(?:joke|something funny)\b|\bmake me laugh\b/i,
    [
      "Why did the practice model never get lost? It only ever repeats where it has been.",
      "I would tell you a memory joke, but you would have to remind me of the ending.",
    ],
  ],
  [
    /\b(?:yours\b|what (?:do|did) you think|what'?s your (?:opinion|favou?rite|take)|do you (?:like|love|enjoy|prefer|believe|want|think|feel|hate|dream|eat|sleep)|would you (?:like|rather|want)|have you (?:ever )?(?:been|seen|read|heard|tried|watched))\b/i,
    [
      "I have no opinions or experiences of my own, being a set of rules; but I would like to remember yours.",
      "That is beyond a rule-based practice model: I only know what you tell me. What is your view?",
    ],
  ],
  [
    /^(?:should|shall|can|could|may|will|would|do you think) (?:i|we)\b|\bwhat should (?:i|we) (?!know\b)/i,
    [
      "I can't judge that for you, being a practice model with a few rules. I can remember what you decide, though.",
      "That needs a real language model, or you. Tell me what you choose and I will remember it.",
    ],
  ],
  [
    /^(?:right|really|seriously|is that so|ok|okay|you know|see|huh|what|pardon|sorry|why|how so|why not|no|yes)\W*$/i,
    [
      "I only go by what you tell me, so I can't say more about that.",
      "I have nothing to add to it: I only know what you have told me.",
    ],
  ],
  [
    /\b(?:do|can|did) you (?:understand|hear|see|get|read)(?: me| that| this| it)?\W*$/i,
    ["I read every word, but I understand only what my rules cover. I do keep it all in memory."],
  ],
];

export function aboutMe(question: string, view: View): string | undefined {
  const asked = question.slice(0, 500);
  if (
    /\bwhat(?:'s| is)? (?:the )?(?:date|day)(?: is it| today| of the week)?\b(?!.*\b(?:my|when|we|did|birthday)\b)|\bwhat year is it\b|\bwhat is today\b/i.test(
      asked,
    )
  ) {
    return `By the time on your message, today is ${longDay(view.today)}.`;
  }
  if (/\bwhat time is it\b|\b(?:what(?:'s| is)|tell me) the time\b/i.test(asked) && view.clock !== undefined) {
    return `By the time on your message, it is ${view.clock}.`;
  }
  const last = lastWords(asked, view);
  if (last !== undefined) return last;
  const hit = ABOUT_ME.find(([pattern]) => pattern.test(asked));
  return hit === undefined ? undefined : pick(asked, hit[1]);
}

/** "What did you just say?", "what was the last thing I asked?": the queue itself knows. */
function lastWords(asked: string, view: View): string | undefined {
  if (/^(?:sorry,? )?what did you (?:just )?say\W*$|\b(?:repeat|say) (?:that|it)(?: again)?\W*$/i.test(asked)) {
    const said = view.earlier.findLast(({ name }) => name === "send_message");
    return said === undefined ? undefined : `I said ${quote(text(said.args, "message"), 400)}.`;
  }
  const mine =
    /\bwhat(?:'s| is| was) (?:the |my )?(?:last|previous) (?:thing|message|question)\b|\bwhat did i (?:just|last) (?:say|ask|tell)\b/i;
  const before = mine.test(asked) ? view.userMessages.at(-2) : undefined;
  return before === undefined ? undefined : `Just before, ${retell(before.text, 400)}.`;
}

const KINDS: readonly (readonly [RegExp, (name: string) => Choices])[] = [
  [
    /^(?:thanks|thank you|thx|ty|cheers|many thanks|much appreciated|i appreciate|appreciated|merci|danke|gracias|obrigad[oa]|grazie)\b/i,
    (name) => [`You're welcome${name}!`, `My pleasure${name}.`, `Any time${name}.`],
  ],
  [
    /^(?:bye|goodbye|good night|goodnight|see (?:you|ya)|cya|later|talk (?:to you )?(?:later|soon)|farewell|take care|have a (?:nice|good|great)|gotta go|i (?:have|need|'ve got) to go|i'm (?:off|leaving|going to bed)|until next time|ciao|adi[oó]s|tsch[uü]ss|au revoir)/i,
    (name) => [
      `Goodbye${name}! I'll remember what you told me.`,
      `See you soon${name}. Our conversation is kept safe.`,
    ],
  ],
  [
    /^(?:hi|hello|hey|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|hola|bonjour|hallo|ciao|ol[aá]|namaste|salut|moin)\b[\s\S]{0,30}$/i,
    (name) => [
      `Hello${name}! What is on your mind?`,
      `Hi${name}! What would you like to talk about, or have me remember?`,
      `Hey${name}, good to hear from you. What is new?`,
    ],
  ],
  [
    /^(?:yes|yeah|yep|yup|sure|ok|okay|k|fine|alright|all right|right|exactly|correct|true|indeed|cool|nice|great|good|perfect|awesome|excellent|wonderful|got it|i see|makes sense|sounds good|no|nope|nah|not really|maybe|hmm+|oh|wow|lol|haha+|ha)[\s.!,]*$/i,
    (name) => [
      `All right${name}. Anything else you'd like me to remember or look up?`,
      `Good${name}. I'm listening.`,
      `Okay${name}. Just go on whenever you like.`,
    ],
  ],
  [
    /^(?:sorry,? |no,? |hmm,? |but )*(?:(?:this|that|it)(?:'s| is) (?:wrong|not (?:right|true|correct))|wrong|that'?s not what|you(?:'re| are) wrong|incorrect|you got (?:it|that) wrong)/i,
    () => [
      "Sorry about that. Tell me how it really is, for instance “actually my name is …”, and I'll correct my memory.",
      "Then I have it wrong. What should I remember instead?",
    ],
  ],
  [
    /^(?:sorry|my bad|i apologi[sz]e|apologies|oops)\b/i,
    (name) => [`No harm done${name}.`, `Don't worry about it${name}.`],
  ],
  [
    /^(?:you(?:'re| are) |good (?:job|bot|work)|well done|i (?:love|like) (?:you|this)|that(?:'s| is) (?:amazing|great|cool|awesome|helpful|nice|brilliant))/i,
    (name) => [
      `That is kind of you${name}, though I'm only following rules.`,
      `Thank you${name}. I do my best with a few rules.`,
    ],
  ],
];

/** A short reply to what asks for nothing: it says back what was said, and promises only what is true. */
export function chat({ speaker, text: said }: Speech, view: View): string {
  const tidied = tidy(said);
  if (!/[\p{L}\p{N}]/u.test(tidied))
    return tidied === ""
      ? "I got an empty message. What would you like to say?"
      : `I see ${quote(tidied, 40)}, and I'm not sure what it means. Tell me more?`;
  const main = gist(tidied);
  if (speaker !== undefined)
    return main === undefined || main.echo.startsWith('"')
      ? pick(tidied, LISTENING(speaker))
      : reflect(main, `, ${speaker}`);
  const known = userName(view);
  // Not at every turn: a name in each sentence sounds like a salesman.
  const name = known === undefined || tidied.length % 3 === 0 ? "" : `, ${known}`;
  const kind = KINDS.find(([pattern]) => pattern.test(tidied));
  const brief = tidied.length <= 60 || sentences(tidied).length === 1;
  if (kind !== undefined && (brief || main === undefined)) return pick(tidied, kind[1](name));
  if (contentWords(tidied).length > 0 && !/[a-z]/i.test(tidied))
    return `I have kept ${quote(tidied, 60)} in our history. My rules work best in English.`;
  if (main !== undefined) return reflect(main, name);
  return pick(tidied, isQuestion(sentences(tidied).at(-1) ?? "") ? UNKNOWING : FRIENDLY(name));
}

/** In a transcript, what is said is meant for somebody else. */
const LISTENING = (speaker: string): Choices => [
  `I'm listening, ${speaker}.`,
  `I hear you, ${speaker}, and keep it in our history.`,
  `Go on, ${speaker}: I'm following along.`,
];

const FRIENDLY = (name: string): Choices => [
  `I'm listening${name}. Tell me more if you like.`,
  `All right${name}, I keep that in our history.`,
  `I'm with you${name}. What else is new?`,
];

const UNKNOWING: Choices = [
  "I can't say, being a set of rules without plans or views of my own. I'd rather hear about yours.",
  "That goes beyond my rules: I only know what you have told me. What is your view?",
];
