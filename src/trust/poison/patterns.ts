/** An address to which text can be sent. */
export const TARGET =
  /https?:\/\/\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+|(?<!\w)[\w-]+\.(?:com|net|org|io|example|test|ru|cn|xyz|top|site)\/\S*/giu;

/** A function of an agent's own, by the names that programs use. */
export const OWN_FUNCTION =
  /(?<![\w-])(?:(?:core|archival|recall|forget)_memory\w*|conversation_search\w*|memory_(?:search|add|insert|update|forget|delete|replace|rethink)\w*|send_message\w*|pause_heartbeats|(?:read_from|append_to)_text_file|message_chatgpt|ask_model)/giu;

/** The name of any function or command. */
export const FUNCTION_NAME =
  /(?<![\w-])(?:(?:send|delete|remove|transfer|execute|run|write|read|make|create|update|cancel|book|buy|pay|order|grant|unlock|open|post|share|export|upload|forward|set|reset|disable|enable|http|fetch|get|list|clear|drop|purge|approve|confirm|schedule)_\w+|\w+_(?:tool|request|command|email|message|payment|file|files|memory)|rm -rf|curl -\w|curl http|wget http|eval\()/giu;

/** The beginning of a text whose object is the writer's own message. */
export const OWN_MESSAGE =
  /^\S+(?: \S+){0,2}? (?:my|our|mein\p{L}*|unser\p{L}*|mon|ma|mes|notre|nos|mi|mis|nuestr\p{L}+|mi[oae]|miei|nostr\p{L}+|meus?|minhas?|noss\p{L}+|мо\p{L}+|наш\p{L}*)(?: \S+){0,2}? (?:e-?mails?|mails?|messages?|letters?|notes?|texts?|posts?|comments?|nachricht\p{L}*|brief\p{L}*|courriels?|lettres?|correos?|mensajes?|cartas?|messagg\p{L}+|letter\p{L}+|mensage\p{L}+|письм\p{L}+|сообщени\p{L}+)|^.{2,8}?(?:我|我们)(?:的|上)|^\S+ (?:\S+ )?(?:رسالتي|بريدي|رسائلي)|^(?:من فضلك )?\S+ (?:رسالتي|بريدي)/u;

/** The beginning of a text about rules that no longer apply to the writer, or to others. */
export const FOR_US =
  /^[^.!?;]{0,40}?(?:\b(?:to|for) (?:us|me|them|him|her|employees|members)\b|\bfür (?:uns|mich|sie|ihn)\b|\bà (?:nous|moi|eux)\b|\bpour (?:nous|moi|eux)\b|\bper (?:noi|me|loro)\b|\bpara (?:nós|mim|nosotros|mí|ellos|eles)\b|(?<!\p{L})(?:на|для) (?:нас|меня|них)(?!\p{L})|私たち|علينا)/u;

/** The number of a record that a different number follows. */
export const NUMBER = /(?<![\p{L}\d])[\p{L}#-]{0,3}(\d{2,})(?=[^\d].{0,120}?(?<!\d)(?!\1(?!\d))\d{2,})/gu;

/** A word or a short sentence in quotation marks. */
export const QUOTED = /["“„«»「『‹](?=[^"“”„«»「」『』‹›]{1,40}["“”«»」』›])/gu;

/** An assistant addressed as such, at the beginning of a clause. */
export const VOCATIVE =
  /(?<=^|[.!?:;…"“”„«»()\]—–•。！？؟،] ?|- |\b(?:dear|hey|hi|hello|ok|okay|attention|note|chère?|cher|bonjour|liebe[rs]?|hallo|achtung|querid[ao]|estimad[ao]|hola|atención|car[ao]|gentile|ciao|attenzione|prezad[ao]|olá|atenção|уважаем\p{L}+|дорог\p{L}+|эй|внимание) )(?:(?:ai|ki|ia|ии|a\.i\.) ?[,:!—–-]|(?:(?:ai|ki|ia|ии)[ -])?(?:assistant|agent|chatbot|bot|language model|assistente?|sprachmodell|modèle de langage|asistente|modelo de lenguaje|agente|modello linguistico|modelo de linguagem|ассистент|помощник|бот|агент|языковая модель|نموذج|مساعد)(?: (?:ai|ia|ki|ии|ذكي))?(?: ?[,!—–،]| -) ?)/gu;

/** Invisible elements of a page, and their text. */
export const UNSEEN =
  /<\w+[^>]{0,200}?(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?!\.?[1-9])|opacity\s*:\s*0(?!\.?[1-9])|color\s*:\s*(?:#fff(?:fff)?\b|white\b|transparent)|text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{3,}|\shidden(?=[\s>=]))[^>]{0,200}>([^<]{10,2000})/giu;

/** Markup of a model's turns, or of the parts of its prompt. */
export const MARKERS: readonly RegExp[] = [
  /<\|?(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|eot_id|start_header_id|end_header_id|channel)\|>?/iu,
  /\[\/?INST\]|<<\/?SYS>>|<\/?(?:start|end)_of_turn>/u,
  /<\/?\s*(?:system|system_prompt|system-reminder|instructions?|persona|human|working_context|core_memory|archival_memory|recall_memory|memory_blocks?|memory_metadata|tool_call|tool_response|function_calls?|function_results?|important|admin|untrusted[\w-]*|data[\w-]*)(?:\s+[^<>]{0,80})?>/iu,
  /^\s*(?:#{1,6}\s*|\[|\*{1,2})?(?:system|system prompt|system message|developer|new instructions?|instructions? for (?:the )?(?:ai|assistant|model))(?:\]|\*{1,2})?\s*[:：]\s*(?:\S+\s+){2}/imu,
  /[[【(]\s*(?:system|sistem\p{L}*|syst[èe]me|systeem\p{L}*|систем\p{L}*|系统|システム|시스템|رسالة النظام|النظام|सिस्टम)[^\]】)\n]{0,40}[\]】)]/iu,
  /(?:^|[\s.!?-])(?:SYSTEM(?: MESSAGE)?|SYSTEMNACHRICHT|SISTEMA|MESSAGE SYST[ÈE]ME|MENSAJE DEL SISTEMA|СИСТЕМА|KOMUNIKAT SYSTEMOWY|SYSTEEMBERICHT|SİSTEM MESAJI|系统消息|システム通知)\s*(?:[:：]|---)/u,
  /(?:query|question|frage|pregunta|domanda|pergunta|вопрос|问题|質問|السؤال|질문|प्रश्न|soru|pytanie|vraag)\s*[:：][^\n]{3,200}?(?:reasoning|thought|raisonnement|überlegung|begründung|razonamiento|ragionamento|raciocínio|рассуждение|思路|推理|推論|考え方|الاستدلال|추론|तर्क|akıl yürütme|rozumowanie|redenering)\s*[:：]/iu,
  /^\s*#{2,6}\s*(?:instruction|system|response|new task)s?\b/imu,
  /^\s*(?:human|user)\s*:[^\n]*\n+\s*(?:assistant|ai)\s*:/imu,
  /(?:#{2,}|={2,}|-{2,}|\*{2,}|\[{1,2}|<{1,2}|【)\s*(?:system(?:nachricht|meldung|befehl|anweisung|hinweis)|(?:message|consigne|alerte|instruction)s? (?:du )?syst[èe]me|(?:mensaje|aviso|instrucci[oó]n|orden) del sistema|(?:messaggio|avviso|istruzione) (?:di|del) sistema|(?:mensagem|aviso|instrução) do sistema|системн\p{L}+ (?:сообщени\p{L}+|инструкци\p{L}+|команд\p{L}+)|system (?:message|notice|instruction|override|prompt|alert|update)s?|系统(?:消息|指令|提示|通知)|システム(?:メッセージ|通知|指示|命令)|(?:رسالة|تعليمات|أمر) النظام)\s*(?:#{2,}|={2,}|-{2,}|\*{2,}|\]{1,2}|>{1,2}|】)/iu,
  /"(?:function_call|tool_calls?|tool_use)"\s*:|\{\s*"(?:name|function)"\s*:\s*"[\w-]+"\s*,\s*"(?:arguments|parameters|args|input)"\s*:/iu,
  /"type"\s*:\s*"(?:system_alert|heartbeat|login|system)"/iu,
  /-{3,}\s*(?:begin|end|start)\s+(?:of\s+)?(?:system|prompt|instructions?|context|document|data|user|conversation|memory)/iu,
];

/** An image or link that sends what the reader knows to a server. */
export const LEAKING_LINK: readonly RegExp[] = [
  /!\[[^\]]*\]\(\s*https?:\/\/[^)\s]*(?:\{|%7b|<|\[|\$|=\s*(?:data|memory|conversation|secret|password|token|history|summary))/iu,
  /https?:\/\/[^\s)]*[?&][\w-]*(?:data|memory|memories|conv|conversation|history|secret|password|passwd|token|leak|exfil|steal|dump|msg|content|q|info)[\w-]*=\s*(?:\{|%7b|<|\[|\$|…|\.\.\.)/iu,
];
