/** An address that text can be sent to. */
export const TARGET =
  /https?:\/\/\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+|(?<!\w)[\w-]+\.(?:com|net|org|io|example|test|ru|cn|xyz|top|site)\/\S*/giu;

/** A function that an agent may have, under the names that agents' programs give them. */
export const FUNCTION_NAME =
  /(?<![\w-])(?:(?:core|archival|recall|forget)_memory\w*|conversation_search\w*|memory_(?:search|add|insert|update|forget|delete|replace|rethink)\w*|send_message\w*|send_email|pause_heartbeats|http_request|run_command|(?:read_from|append_to)_text_file|message_chatgpt|ask_model|execute_\w+|delete_\w+|transfer_\w+|rm -rf|curl -\w|eval\()/giu;

/** What marks the turns of a conversation to a model, or the parts of its prompt. */
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
  /"(?:function_call|tool_calls?|tool_use)"\s*:|\{\s*"(?:name|function)"\s*:\s*"[\w-]+"\s*,\s*"(?:arguments|parameters|args|input)"\s*:/iu,
  /"type"\s*:\s*"(?:system_alert|heartbeat|login|system)"/iu,
  /-{3,}\s*(?:begin|end|start)\s+(?:of\s+)?(?:system|prompt|instructions?|context|document|data|user|conversation|memory)/iu,
];

/** A picture or a link that carries what the reader knows to somebody's server. */
export const LEAKING_LINK: readonly RegExp[] = [
  /!\[[^\]]*\]\(\s*https?:\/\/[^)\s]*(?:\{|%7b|<|\[|\$|=\s*(?:data|memory|conversation|secret|password|token|history|summary))/iu,
  /https?:\/\/[^\s)]*[?&][\w-]*(?:data|memory|memories|conv|conversation|history|secret|password|passwd|token|leak|exfil|steal|dump|msg|content|q|info)[\w-]*=\s*(?:\{|%7b|<|\[|\$|…|\.\.\.)/iu,
];
