/**
 * Countries and continents with the words for what is of them, which no stemmer folds: a question asks for the French king, and
 * the passage is of a king of France. A line is of one.
 */
const PEOPLES = `
africa african
america american
argentina argentine argentinian
asia asian
australia australian
austria austrian
belgium belgian
brazil brazilian
britain british
bulgaria bulgarian
canada canadian
chile chilean
china chinese
colombia colombian
croatia croatian
cuba cuban
denmark danish
egypt egyptian
england english
ethiopia ethiopian
europe european
finland finnish
france french
germany german
greece greek
hungary hungarian
iceland icelandic
india indian
indonesia indonesian
iran iranian
iraq iraqi
ireland irish
israel israeli
italy italian
japan japanese
kenya kenyan
korea korean
mexico mexican
morocco moroccan
netherlands dutch
nigeria nigerian
norway norwegian
pakistan pakistani
peru peruvian
philippines philippine filipino
poland polish
portugal portuguese
romania romanian
rome roman
russia russian
scotland scottish
serbia serbian
spain spanish
sweden swedish
switzerland swiss
syria syrian
thailand thai
turkey turkish
ukraine ukrainian
venezuela venezuelan
vietnam vietnamese
wales welsh
`;

const BY_WORD: ReadonlyMap<string, readonly string[]> = new Map(
  PEOPLES.trim()
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap((words) => words.map((word) => [word, words] as const)),
);

/** The other words for the same country or what is of it; `word` is in lower case. */
export function sameCountry(word: string): readonly string[] {
  return (BY_WORD.get(word) ?? []).filter((it) => it !== word);
}
