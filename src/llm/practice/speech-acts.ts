/** How questions, greetings and requests are phrased, in several languages. */

/** Ends of questions, including closing quotes and smileys. The Greek question mark looks like a semicolon. */
export const QUESTION_END =
  /[?？؟⁇][\s"'”’»)\]」』）\p{Extended_Pictographic}\ufe0f:;()-]*$|\p{Script=Greek}[^;]*;\s*$/u;

/** Sentences that ask without a question mark. */
export const ASKING: readonly RegExp[] = [
  /^(?:do|does|did|don't|doesn't|didn't|can|can't|could|would|will|won't|should|shall|is|isn't|are|aren't|am|was|were|wasn't|weren't|have|has|had|haven't|hasn't|may) (?:i|you|we|he|she|it|they|there|my|your|our|his|her|their|the|this|that|these|those|any|anyone|any\w+|some\w+)\b/i,
  /^(?:and |so |but )?(?:what|who|whom|whose|where|when|why|how|which)(?:'s|s|'re|'d)?(?! (?:i|we|you|he|she|they|a|an|nice|lovely|great|funny|cool|sweet|sad)\b)(?: [^\s,]+){0,4}? ?(?:\b(?:did|do|does|is|are|was|were|will|can|could|should|would|have|has|had|am)\b|'s\b)/iu,
  /^(?:what|who|where|when|why|how|which)(?:'s|s|'re)? (?:my|your|the|about|many|much|old|up)\b/i,
  /^(?:please )?(?:tell me (?:about|what|who|where|when|how|why|which|my|everything|all)|remind me\b|(?:do you )?remember (?:when|what|who|where|how|the time|my)|any idea\b|search (?!(?:in |through )?(?:your |my )?archiv)|look (?:up|for) |find (?:out |my |all |what |the )|recall )/i,
  /^(?:und |also )?(?:wer|wen|wem|wessen|was|wo|wohin|woher|wann|warum|wieso|wie (?:heiß|alt|viel|oft|lang|war|ist|geht)|welche[rsnm]?)[a-zäöüß]* \p{L}+/iu,
  /^(?:sag mir|erzähl mir|erinner|weißt du|kennst du|habe ich|hab ich|bin ich|¿|dime|cuéntame|recuérdame|sabes|dis-moi|dis moi|rappelle-moi|est-ce que|qu'est-ce|sais-tu|où |comment |pourquoi |combien |quel(?:le)?s? |qui |qué |quién |cuál |cuándo |dónde |cómo |cuánt[oa]s? )/iu,
  /(?:吗|呢|么)[。!！]?$|(?<!没)什么(?!都)|谁|哪[里儿个一]|多少|几[个岁点]|怎么|为什么|^(?:告诉我|请问|你记得|还记得)|(?:ですか|ますか|のか)[。]?$/u,
  /^(?:هل|أين|اين|متى|كيف|كم|لماذا|ماذا|ما (?:هو|هي|اسم)|من (?:هو|هي)|أخبرني|اخبرني|ذكرني)(?:\s|$)/u,
];

/** Where a question begins after a statement: "My name is Ana, what's yours?" */
export const TAIL_QUESTION =
  /^(.{6,}?)[,;:—–]\s*((?:and |but |so |und |y |et |also )?(?:what|who|where|when|why|how|which|do|does|did|can|could|are|is|have|was|wer|wo|wann|wie|qué|quién|dónde|cómo|comment|où|quel|et toi|y tú|und du|and you)\b.{0,200}[?？؟].*)$/isu;

/** Whole messages that are mere courtesy, without punctuation. */
export const PLEASANTRIES = {
  greeting:
    /^(?:(?:hi|hello|hey|hiya|yo|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|moin|servus|hola|buen[oa]s (?:días|tardes|noches)|bonjour|salut|bonsoir|ciao|olá|你好|您好|嗨|早上好|مرحبا|السلام عليكم|اهلا|أهلا)(?: (?:there|again|you|sam|everyone|zusammen))*\s*)+$/iu,
  thanks:
    /^(?:(?:many |ok |great |cool |no )?(?:thanks|thank you|thx|ty|cheers|danke|vielen dank|gracias|muchas gracias|merci|obrigad[oa]|grazie|谢谢|多谢|شكرا)(?: (?:a lot|so much|very much|you|schön|sehr|beaucoup|sam|for (?:that|everything|your help)))*\s*)+$/iu,
  bye: /^(?:(?:good ?bye|bye|bye bye|see you|see ya|good night|later|tschüss|bis (?:bald|später|morgen)|gute nacht|adiós|hasta (?:luego|mañana)|au revoir|à (?:bientôt|demain)|再见|拜拜|晚安|مع السلامة|وداعا)(?: (?:later|soon|tomorrow|then|for now|sam))*\s*)+$/iu,
  ok: /^(?:(?:ok|okay|k|sure|yes|yeah|yep|no|nope|cool|nice|great|good|fine|alright|all right|right|wow|lol|haha+|hmm+|i see|got it|never ?mind|forget (?:it|about it)|no worries|ja|nein|gut|super|vale|sí|si|bien|oui|non|d'accord|好的?|好吧|嗯|哈哈|نعم|لا|حسنا)\s*)+$/iu,
  wellbeing:
    /^(?:(?:hi|hello|hey|hallo|hola|salut|bonjour) )?(?:how are you(?: doing)?(?: today)?|how(?:'s| is) it going|how do you (?:do|feel)|what(?:'s| is) up|wie geht(?:'s| es)?(?: dir| ihnen)?|cómo estás|qué tal|comment (?:ça va|vas-tu|allez-vous)|ça va|你好吗|最近怎么样|كيف حالك)$/iu,
} as const satisfies Readonly<Record<string, RegExp>>;

/** Questions about the model itself. */
export const WHO_ARE_YOU =
  /\b(?:who|what) (?:exactly )?(?:are|r) (?:you|u)\b|\bare you (?:a |an |really |actually )*(?:human|real|ai\b|bot|chat ?gpt|gpt|claude|language model|llm|robot|person|machine|sentient|conscious|alive)|\b(?:what|which) (?:language )?model (?:are|is)\b|\bwhat(?:'s| is) your name\b|\bintroduce yourself\b|\b(?:wer|was) bist du\b|\bbist du (?:ein|echt)|\bwie heißt du\b|\b(?:quién|qué) eres\b|\beres (?:un|una|human)|\bcómo te llamas\b|\bqui (?:es-tu|êtes-vous)|\bes-tu (?:un|une|humain)|\bcomment t'appelles-tu|你是谁|你是什么|你叫什么|你是(?:人|机器|真人)|(?:من|ما) (?:أنت|انت)(?!\p{L})/iu;
export const WHAT_CAN_YOU_DO =
  /\bwhat (?:can|do) you do\b|\bwhat (?:are you able to|else can you) do\b|^(?:help|help me)$|\bhow do(?:es)? (?:you|this) work\b|\bwas kannst du\b|\bqué (?:puedes|sabes) hacer\b|\bque (?:peux|sais)-tu faire|你(?:能|会|可以)(?:做|干)?什么|ماذا (?:يمكنك|تستطيع)/iu;
/** Questions for everything known about the person. */
export const EVERYTHING =
  /\bwhat (?:else )?(?:do|have) you (?:know|remember|learned?|got|have|noted?)(?: so far)?(?: about| of| on) me\b|\bwhat have i told you(?: about me| about myself| so far)?\W*$|\btell me (?:everything|all|what)(?: (?:that )?you (?:know|remember))?(?: about) (?:me|myself)\b|\bwho am i\b|\bwas weißt du (?:alles |noch )?(?:über|von) mi[rc]h?\b|\bwer bin ich\b|\bqué sabes (?:de|sobre) mí|\bquién soy\b|\bque (?:sais|savez)[- ](?:tu|vous) (?:de|sur) moi\b|\bqui suis-je\b|你(?:知道|记得)(?:关于)?我(?:的)?(?:什么|哪些|一切)|关于我.*知道|我是谁|ماذا تعرف عني|(?:^|\s)من أنا/iu;

/** Requests to forget. The group is the topic. */
export const FORGET: readonly RegExp[] = [
  /^(?:please |you can |you should |you must |i want you to |can you |could you |will you )*(?:forget|delete|remove|erase|stop remembering|don't remember)\b(?! (?:it|that|about it|me)\W*$| to\b)(?: (?:all|everything|anything|whatever|the fact|what))*(?: (?:that )?(?:i (?:ever )?(?:said|told you)|you (?:know|remember|noted|have)))*(?: (?:about|on|of|regarding|that))*\s*(.*?)(?: (?:from|in) (?:your |my |the )?(?:core )?memory)?\W*$/iu,
  /^(?:bitte )?(?:vergiss|vergessen sie|lösche|lösch)(?: bitte)?(?: (?:alles|was ich|du weißt|dir gesagt habe|gesagt habe))*,?(?: (?:über|von|zu|dass))*\s*(.*?)\W*$/iu,
  /^(?:por favor )?(?:olvida|olvídate|olvide|borra|elimina)(?: (?:todo|lo que|que|te dije|dije|sabes))*(?: (?:sobre|de|acerca de|del))*\s+(.*?)\W*$/iu,
  /^(?:s'il te plaît )?(?:oublie|oubliez|efface|supprime)(?: (?:tout|ce que|je t'ai dit|j'ai dit|tu sais))*(?: (?:sur|à propos de|de|concernant|que))*\s+(.*?)\W*$/iu,
  /^(?:请)?(?:忘记|忘掉|忘了|删除|删掉)(?:所有|一切|全部)?(?:关于|有关)?(.*?)(?:的(?:一切|所有|全部|事情?|内容|信息))*[。！!]*$/u,
  /^(?:من فضلك )?(?:انسَ|انس|إنس|انسى|احذف|امسح)(?: (?:كل شيء|كل ما|ما قلته|تعرفه))*(?: (?:عن|حول|أن))*\s+(.*?)[.!]*$/u,
];
/** Every request to forget has one of these words. */
export const FORGETTING =
  /forget|delete|remov|eras|remember|vergiss|vergess|lösch|olv[ií]d|borra|elimin|oubli|efface|supprim|忘|删|انس|إنس|احذف|امسح/i;
export const ALL_OF_IT = /^(?:everything|all|it all|me|myself|mich|alles|mí|todo|moi|tout|我|عني)?$/iu;

/** Requests to remember. The group is the statement. */
export const REMEMBER =
  /^(?:please |can you |could you |will you |i(?:'d| would) (?:like|want) you to |i (?:want|need) you to |you should )*(?:remember|note|make a note|keep in mind|don't forget|do not forget|never forget|bear in mind|write down|memori[sz]e|take note|for future reference|merk dir|merke dir|vergiss nicht|recuerda|no olvides|retiens|n'oublie pas|souviens-toi|记住|请记住|记一下|تذكر)(?: (?:that|down|this|the fact that|for later|for me|please|bitte|dass|que|أن))*\s*[:：,，]?\s*(?!(?:me|when|what|who|where|how|why|the time|our|us|you)\b)(.{2,}?)$/isu;

/** Sad news, and words that put it in doubt. */
export const SAD =
  /\b(?:died|passed away|funeral|miscarriage|cancer|tumou?r|broke up|split up|divorced|heartbroken|lost my (?:job|mother|father|mom|mum|dad|wife|husband|son|daughter|brother|sister|dog|cat|best friend)|(?:was|got|been) (?:fired|laid off)|put (?:him|her|it|my \w+) down)\b|\b(?:gestorben|verstorben|krebs|beerdigung|gekündigt worden|fehlgeburt)\b|\bmurió|\bfalleció|\bfunerales?\b|\bcáncer\b|\bme (?:despidieron|dejó)\b|\b(?:est|sont) (?:décédée?s?|morte?s?)(?!\p{L})|\benterrement\b|\blicenciée?(?!\p{L})|去世|死了|过世|癌症|分手|离婚|失业|葬礼|(?:^|\s)(?:مات|ماتت|توفي|توفيت|جنازة)(?!\p{L})/iu;
export const NOT_SAD =
  /\b(?:not|no|nobody|never|n't|laughing|survived|beat|free|almost|nearly|movie|film|novel|book|series|game|battery|phone|laptop|computer|nicht|niemand|kein|nadie|personne|pas)\b|n't\b|没有?/iu;

/** Suppositions, dreams and hearsay, in which nothing is certain. */
export const HEDGED =
  /\b(?:if|unless|suppose|imagine|pretend|wish|dream\w*|said|says|say|told|asked|thinks?|thought|claims?|claimed|novel|movie|film|story|book|song|game|character|would|could|might|maybe|perhaps|used to|hope|want(?:ed)? to|jok(?:e|ing)|kidding|lie|lying|almost|nearly|hypothetical\w*|for example|when i was|not true)\b/i;

/** Sentences that begin by referring to something said before. */
export const REFERRING =
  /^(?:(?:and|but|no|well|oh|sorry|und|aber|nein|y|pero|et|mais|non)[,\s]+)*(?:actually|it|it's|he|he's|she|she's|they|they're|this|that|that's|not|wait|correction|i mean|eigentlich|doch|er|sie|es|das|en realidad|él|ella|eso|en fait|il|elle|c'est|ça|其实|他|她|它|不是|في الواقع|هو|هي)(?!\p{L})/iu;
