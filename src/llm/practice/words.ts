import { fold } from "./text.ts";

function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/).map(fold));
}

/** Words that carry no topic, those people wrap a question to memory in among them; several languages. */
export const STOP_WORDS = wordSet(`
  a an the and or but if so as at by for from in into of off on onto out over to up with about than then too very there here
  i me my mine we us our you your he him his she her it its they them their this that these those who whom whose which when where
  why how what is are was were be been am do does did done have has had having can could will would shall should may might must
  im ive id ill dont doesnt didnt cant wont isnt arent wasnt not no nor just also again ever still already really please some any all each
  tell told say said says talk talked mention mentioned remember recall remind know knew think ask asked time times thing things
  something anything everything find search look show list give get got let ok hey hi hello thanks thank yes yeah well now
  discuss discussed chatted conversation d s t m re ve ll don didn doesn isn
  der die das den dem des ein eine einen einem einer und oder aber ich mich mir mein meine meinen meinem meiner meines du dich dir dein
  deine er ihn ihm sie es wir uns unser ihr bist ist sind habe haben hast hatte wird werden wurde in im am an auf aus bei
  mit nach von vor zu zum zur für über um als wie was wer wen wem wo wann warum welche welcher welches wieviel wie viele denn noch
  schon auch nicht kein keine ja nein gesagt erzählt weißt erinnerst etwas alles mal bitte worüber gesprochen geredet
  el la los las un una unos unas y o pero yo me mi mis mío tú te tu tus él ella ello nosotros nos su sus es era fue soy eres estoy
  está están hay he ha han había tengo tiene de del al a en con por para sin sobre que qué quién cuál cuáles cuándo dónde cómo cuánto
  cuántos cuántas porque no sí ya muy más se le lo dije dicho sabes recuerdas algo todo hablamos hablado hablaste
  le les des du une et ou mais je j moi m mon ma mes toi ton ta tes il elle nous notre nos vous votre ils elles se s ce c cet cette
  est sont était suis es ai as a avons ont avait au aux en dans sur avec pour par sans chez que qu qui quoi quel quelle quels quelles quand
  où comment pourquoi combien ne n pas oui non dit sais souviens quelque chose tout parlé parlions
  我 我的 你 你的 他 她 它 我们 的 了 吗 呢 吧 啊 是 有 在 和 与 也 都 就 不 没 没有 这 那 什么 谁 哪 哪里 哪儿 哪个 哪一 怎么 为什么 多少 几 个 只 一 一个 一只 说 告诉 记得
  知道 过 着 把 被 到 去 从 给 会 要 想 很 还 上 时候 聊 谈 关于 一切 所有 地 得
  في من على إلى عن مع ما ماذا من هو هي هل أنا أنت كان كانت هذا هذه التي الذي أين متى كيف كم لماذا أي و أو لا لم لن قد لي لك قلت
  تعرف تتذكر كل شيء أن إن
`);

/** Words that say what is asked of a topic, and seldom are one: matched alone they answer nothing. */
export const WEAK_WORDS = wordSet(`
  name names named called old age years year long much many often kind sort type favourite favorite first last week month day days
  today yesterday tomorrow night morning like want need go went going come came make made take took good new lovely nice great news
  sad happy big little currently these nowadays right place am are mine own actually oh wow lol really only one two
  name namen heiße heißt heißen alt jahre jahr lang viel viele oft lieblings erste letzte letzten woche monat tag tage heute gestern
  morgen gut neu neue neuer gehen ging gemacht machen mag
  nombre llama llamo llaman años año edad tiempo mucho muchos tipo favorito favorita primero última último semana mes día días hoy ayer
  mañana bueno nuevo nueva hacer hice hecho gusta voy fui
  nom appelle appelles prénom ans année âge longtemps beaucoup souvent sorte préféré préférée premier dernière dernier semaine mois jour
  jours hier aujourd hui demain bon nouveau nouvelle faire fait aime aller
  名字 叫 岁 年 天 今天 昨天 明天 最 喜欢 新 好 多 大
  اسم عمر سنة سنوات يوم أمس اليوم جديد جدا
`);

/**
 * Ideas by the words for them: what a question may call them, then, after `>`, narrower words that answer it too. It lets
 * "kids" find a son, "job" find "works as", and a question in one language find an answer in another.
 */
const CONCEPTS = `
name named called heiße heißt heißen llama llamo llaman appelle appelles prénom nombre namen 名字 叫 اسم /
work job works worked profession occupation career employer living arbeit arbeite arbeitest beruf job trabajo trabajas trabaja empleo travail travaille travailles métier boulot 工作 上班 职业 عمل اعمل وظيفة شغل /
live lives living home house address moved wohne wohnst wohnt wohnen lebe lebst zuhause umgezogen gezogen vivo vives vive vivir casa mudé mudado habite habites vis vit déménagé maison 住 搬 搬到 家 أعيش أسكن اسكن بيت /
birthday born geburtstag geboren cumpleaños nací anniversaire né née 生日 出生 ميلاد ولدت /
old age turned alt alter edad años âge ans 岁 多大 年纪 عمر سنة /
like likes love loves enjoy enjoys hobby hobbies mag liebe gern gerne gusta gustan encanta amo aime adore 喜欢 爱 爱好 أحب هواية /
hate hates dislike dislikes hasse odio déteste 讨厌 أكره / car auto wagen coche carro voiture 车 汽车 سيارة /
bike bicycle fahrrad rad bici bicicleta vélo 自行车 دراجة / colour color farbe colores couleur 颜色 لون /
food dish essen gericht comida plato plat nourriture 食物 菜 طعام /
eat ate eaten esse gegessen comí mange mangé 吃 آكل أكلت /
sell sold selling verkaufen verkauft verkaufe vendí vender vendido vends vendre vendu 卖 卖掉 卖了 بعت /
buy bought kaufen gekauft kaufe compré comprar comprado acheté acheter 买 买了 اشتريت /
travel trip holiday vacation reise urlaub viaje vacaciones voyage vacances 旅行 旅游 假期 سفر رحلة /
flight flights fly flew flug fliege geflogen vuelo vol avion 航班 飞机 رحلة /
meet met meeting getroffen treffen conocí rencontré 见 认识 / went go gone going ging gegangen fui allé 去 /
allergic allergy allergies allergisch allergie alérgico alérgica alergia allergique 过敏 حساسية /
speak speaks language languages sprache sprachen spreche hablo idioma parle langue 语言 会说 لغة /
play plays played instrument spiele spielt toco juego joue 弹 玩 ألعب أعزف /
study studying studied studium studiere estudio étudie 学习 学 أدرس / sick ill illness krank enfermo malade 生病 病 مريض /
dead died die passed gestorben tot murió muerto mort morte 死 去世 مات توفي /
money salary earn gehalt geld dinero sueldo argent salaire 钱 工资 مال راتب /
learn learning learnt learned lerne gelernt aprendo aprendiendo apprends 学 أتعلم /
wedding married marry hochzeit verheiratet geheiratet boda casado casada mariage marié mariée 结婚 婚礼 زفاف متزوج
`;

/** The same for people and animals. */
const KIN = `
boyfriend bf freund novio copain 男朋友 > ex / girlfriend gf freundin novia copine 女朋友 > ex /
husband ehemann gatte marido esposo mari 丈夫 老公 زوج / wife ehefrau esposa mujer femme 妻子 老婆 زوجة /
partner spouse pareja conjoint > boyfriend bf girlfriend gf husband wife fiancé fiancée ehemann ehefrau marido esposo esposa novio novia mari 丈夫 妻子 /
mother mom mum mama mommy mutter madre mamá mère maman 妈妈 母亲 أم / father dad papa daddy vater padre papá père 爸爸 父亲 أب /
parents eltern padres 父母 > mother mom mum father dad mutter vater madre padre mère père 妈妈 爸爸 /
sister schwester hermana sœur soeur 姐姐 妹妹 أخت / brother bruder hermano frère 哥哥 弟弟 أخ /
siblings geschwister hermanos > sister brother schwester bruder hermana hermano / son sohn hijo fils 儿子 ابن /
daughter tochter hija fille 女儿 ابنة /
kids kid children child kinder kind hijos niños enfants enfant 孩子 小孩 أطفال أولاد > son daughter baby twins sohn tochter hijo hija fils fille 儿子 女儿 ابن ابنة /
pet pets haustier haustiere mascota mascotas animal 宠物 حيوان > dog cat puppy kitten hamster rabbit parrot horse hund katze perro gato chien chat 狗 猫 كلب قطة /
dog puppy hund perro perra chien 狗 小狗 كلب / cat kitten katze kater gato gata chat chatte 猫 小猫 قطة /
friend mate buddy freund freundin amigo amiga ami amie 朋友 صديق / boss chef jefe jefa patron 老板 上司 مدير /
doctor arzt ärztin médico doctora médecin docteur 医生 طبيب / cousin cousine primo prima 表哥 表妹 堂兄 /
neighbour neighbor neighbours neighbors nachbar nachbarin vecino vecina voisin voisine 邻居 جار /
uncle aunt onkel tante tío tía oncle 叔叔 阿姨 عم خال / grandmother grandma granny oma großmutter abuela mamie 奶奶 外婆 جدة /
grandfather grandpa opa großvater abuelo papy 爷爷 外公 جد / teacher lehrer lehrerin profesor profesora professeur 老师 معلم
`;

/** Attributes that everybody has: a statement about somebody else answers nothing about the person. */
export const ATTRIBUTES = wordSet(
  "name named birthday born old age live lives home work job works heiße heißt alt geburtstag wohne wohnt lebe beruf arbeit arbeite " +
    "nombre llamo edad cumpleaños vivo vive trabajo nom appelle âge anniversaire habite travail 名字 叫 生日 岁 多大 住 家 工作 عمر ميلاد أعيش أعمل اسم",
);

/** For a word of a question, what else answers it. A word of two ideas, such as German "Freund", has the words of both. */
export const RELATED = new Map<string, Set<string>>();
for (const idea of `${CONCEPTS}/${KIN}`.split("/")) {
  const [asked = [], narrower = []] = idea.split(">").map((part) => [...wordSet(part)]);
  for (const word of asked) RELATED.set(word, new Set([...(RELATED.get(word) ?? []), ...asked, ...narrower]));
}

/** Words for people and animals. */
export const RELATIVES: ReadonlySet<string> = wordSet(KIN.replace(/[>/]/g, " "));

/** First names that are known even where they are not capitalised. */
export const FIRST_NAMES = wordSet(`
  adam ahmed alex alice amy ana andrea andrew anna anne antonio barbara ben bob brian carla carlos charlie chloe chris claire daniel
  david diana elena ella emily emma eric eva felix frank george hannah harry helen henry ian isabel ivan jack jacob jake james jan jane
  jason jenny jessica jim joe john jonas jose joseph josh juan julia karen kate kevin kim laura leo lena liam linda lisa lucas lucy luis
  maria marie mario mark martha martin matt max mia michael mike miguel nadia nick nina noah nora oliver omar paul pedro peter priya
  rachel rita robert rosa ryan sam sarah simon sofia sophie stefan steve susan tanya theo thomas tim tom tony victor walter zoe
  rex fido luna bella buddy milo whiskers coco
`);

/** Capitalised words that are no names, and places that nobody lives in. */
export const NOT_NAMES = wordSet(`
  monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november
  december christmas easter english spanish french german italian portuguese dutch russian chinese japanese korean arabic hindi polish
  turkish greek latin american british irish scottish mexican indian canadian australian swiss swedish catholic muslim jewish hindu
  buddhist republican democrat vegan i the a an and harry dr mr mrs ms linux windows mac macos android ios python rust java sales marketing
  engineering finance hr research netflix spotify hell heaven
`);
