import names from "./names.json" with { type: "json" };
import { fold } from "./text.ts";

function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/).map(fold));
}

/** A language's stop words, and its `weak` words, which say what is asked about a topic and are seldom one. */
type Common = { readonly stop: ReadonlySet<string>; readonly weak: ReadonlySet<string> };

/** English, German, Spanish, French, Chinese and Arabic; the weak words after `>`. */
const COMMON: readonly Common[] = `
  a an the and or but if so as at by for from in into of off on onto out over to up with about than then too very there here
  i me my mine we us our you your he him his she her it its they them their this that these those who whom whose which when where
  why how what is are was were be been am do does did done have has had having can could will would shall should may might must
  im ive id ill dont doesnt didnt cant wont isnt arent wasnt not no nor just also again ever still already really please some any all each
  tell told say said says talk talked mention mentioned remember recall remind know knew think ask asked time times thing things
  something anything everything find search look show list give get got let ok hey hi hello thanks thank yes yeah well now
  discuss discussed chatted conversation d s t m re ve ll don didn doesn isn >
  name names named called old age years year long much many often kind sort type favourite favorite first last week month day days
  today yesterday tomorrow night morning like want need go went going come came make made take took good new lovely nice great news
  sad happy big little currently nowadays right place own actually oh wow lol only one two /
  der die das den dem des ein eine einen einem einer und oder aber ich mich mir mein meine meinen meinem meiner meines du dich dir dein
  deine er ihn ihm sie es wir uns unser unsere ihr bin bist ist sind war habe haben hast hat hatte wird werden wurde in im am an auf aus bei
  mit nach von vor zu zum zur für über um als wie was wer wen wem wo wann warum welche welcher welches wieviel denn noch
  schon auch nicht kein keine ja nein gesagt erzählt weißt erinnerst etwas alles mal bitte worüber gesprochen geredet >
  name namen heiße heißt heißen alt jahre jahr lang viel viele oft lieblings erste letzte letzten woche monat tag tage heute gestern
  morgen gut neu neue neuer gehen ging gemacht machen mag /
  el la los las un una unos unas y o pero yo me mi mis mío tú te tu tus él ella ello nosotros nos su sus es era fue soy eres estoy
  está están son hay he ha han había tengo tiene de del al a en con por para sin sobre que qué quién cuál cuáles cuándo dónde cómo cuánto
  cuántos cuántas porque no sí ya muy más se le lo dije dicho sabes recuerdas algo todo hablamos hablado hablaste >
  nombre llama llamo llaman años año edad tiempo mucho muchos tipo favorito favorita primero última último semana mes día días hoy ayer
  mañana bueno nuevo nueva hacer hice hecho gusta voy fui /
  le la les des du de un une et ou mais je j moi me m mon ma mes toi ton ta tes il elle nous notre nos vous votre ils elles se s ce c cet
  cette est sont était suis es ai as a avons ont avait au aux en dans sur avec pour par sans chez que qu qui quoi quel quelle quels quelles
  quand où comment pourquoi combien ne n pas oui non dit sais souviens quelque chose tout parlé parlions >
  nom appelle appelles prénom ans année âge longtemps beaucoup souvent sorte préféré préférée premier dernière dernier semaine mois jour
  jours hier aujourd hui demain bon nouveau nouvelle faire fait aime aller /
  我 我的 你 你的 他 她 它 我们 的 了 吗 呢 吧 啊 是 有 在 和 与 也 都 就 不 没 没有 这 那 什么 谁 哪 哪里 哪儿 哪个 哪一 怎么 为什么 多少 几 个 只 一 一个 一只 说 告诉 记得
  知道 过 着 把 被 到 去 从 给 会 要 想 很 还 上 时候 聊 谈 关于 一切 所有 地 得 >
  名字 叫 岁 年 天 今天 昨天 明天 最 喜欢 新 好 多 大 /
  في من على إلى عن مع ما ماذا من هو هي هل أنا أنت كان كانت هذا هذه التي الذي أين متى كيف كم لماذا أي و أو لا لم لن قد لي لك قلت
  تعرف تتذكر كل شيء أن إن >
  اسم عمر سنة سنوات يوم أمس اليوم جديد جدا
`
  .split("/")
  .map((language) => {
    const [stop = "", weak = ""] = language.split(">");
    return { stop: wordSet(stop), weak: wordSet(weak) };
  });

/** The common words of the language that most of `folded` belong to: "war" is one in German, but not in English. */
export function commonAmong(folded: readonly string[]): Common {
  const counts = COMMON.map(({ stop, weak }) => folded.filter((word) => stop.has(word) || weak.has(word)).length);
  const [english = { stop: new Set(), weak: new Set() }] = COMMON;
  return COMMON[counts.indexOf(Math.max(...counts))] ?? english;
}

/** Attributes that everybody has, so that a statement about somebody else does not answer a question about the person. */
const ATTRIBUTE_WORDS = `
name named called heiße heißt heißen llama llamo llaman appelle appelles prénom nom nombre namen 名字 叫 اسم /
work job works worked profession occupation career employer arbeit arbeite arbeitest beruf trabajo trabajas trabaja empleo travail travaille métier 工作 职业 عمل اعمل وظيفة /
live lives living home house address moved wohne wohnst wohnt wohnen lebe umgezogen vivo vives vive vivir casa mudé habite habites maison 住 搬 家 أعيش أسكن بيت /
birthday born geburtstag geboren cumpleaños nací anniversaire né née 生日 出生 ميلاد ولدت /
old age turned alt alter edad años âge ans 岁 多大 年纪 عمر سنة
`;

/** Irregular verbs, and likes. */
const VERBS = `
like likes love loves enjoy enjoys hobby mag liebe gern gusta gustan encanta aime adore 喜欢 爱 أحب / hate hates dislike hasse odio déteste 讨厌 أكره /
buy bought / sell sold / eat ate eaten / go went gone / meet met / speak spoke / drive drove / write wrote / teach taught / lose lost / break broke broken /
keep kept / leave left / die died dead / win won winner award awarded / allergic allergy allergies
`;

/** People and animals. Words after `>` are narrower: they answer a question for the wider ones, but not the reverse. */
const KIN = `
boyfriend bf freund novio copain 男朋友 > ex / girlfriend gf freundin novia copine 女朋友 > ex /
husband ehemann marido esposo mari 丈夫 老公 زوج / wife ehefrau esposa mujer femme 妻子 老婆 زوجة /
partner spouse pareja conjoint > boyfriend bf girlfriend gf husband wife fiancé fiancée ehemann ehefrau esposo esposa novio novia mari 丈夫 妻子 /
mother mom mum mama mutter madre mamá mère maman 妈妈 母亲 أم / father dad papa daddy vater padre papá père 爸爸 父亲 أب /
parents eltern padres 父母 > mother mom mum father dad mutter vater madre padre mère père 妈妈 爸爸 /
sister schwester hermana sœur soeur 姐姐 妹妹 أخت / brother bruder hermano frère 哥哥 弟弟 أخ /
siblings geschwister hermanos > sister brother schwester bruder hermana hermano / son sohn hijo fils 儿子 ابن / daughter tochter hija fille 女儿 ابنة /
kids kid children child kinder kind hijos niños enfants enfant 孩子 小孩 أطفال أولاد > son daughter baby twins sohn tochter hijo hija fils fille 儿子 女儿 ابن ابنة /
pet pets haustier haustiere mascota mascotas animal 宠物 حيوان > dog cat puppy kitten hamster rabbit parrot horse hund katze perro gato chien chat 狗 猫 كلب قطة /
dog puppy hund perro perra chien 狗 كلب / cat kitten katze kater gato gata chat chatte 猫 قطة / friend buddy amigo amiga ami amie 朋友 صديق /
boss chef jefe jefa patron 老板 مدير / doctor arzt ärztin médico doctora médecin docteur 医生 طبيب / cousin cousine primo prima 表哥 堂兄 /
neighbour neighbor nachbar nachbarin vecino vecina voisin voisine 邻居 جار / uncle onkel tío oncle 叔叔 عم / aunt tante tía 阿姨 خالة /
grandmother grandma granny oma großmutter abuela mamie 奶奶 外婆 جدة / grandfather grandpa opa großvater abuelo papy 爷爷 外公 جد /
teacher lehrer lehrerin profesor profesora professeur 老师 معلم
`;

export const ATTRIBUTES: ReadonlySet<string> = wordSet(ATTRIBUTE_WORDS.replaceAll("/", " "));
export const RELATIVES: ReadonlySet<string> = wordSet(KIN.replace(/[>/]/g, " "));

/** By a word of a question, the words that answer it. A word of two ideas, such as German "Freund", has those of both. */
export const RELATED = new Map<string, Set<string>>();
for (const idea of `${ATTRIBUTE_WORDS}/${VERBS}/${KIN}`.split("/")) {
  const [asked = [], narrower = []] = idea.split(">").map((part) => [...wordSet(part)]);
  for (const word of asked) RELATED.set(word, new Set([...(RELATED.get(word) ?? []), ...asked, ...narrower]));
}

/** First names recognized even in lower case. */
export const FIRST_NAMES = wordSet(names.firstNames.join(" "));

/** Capitalised words that are not names, and places where nobody lives. */
export const NOT_NAMES = wordSet(names.notNames.join(" "));
