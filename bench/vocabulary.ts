import { type Random, integer } from "../test/crash/random.ts";

/** Words by falling frequency: function words first, then content words. */
const GLUE =
  "the i to and a of in it my we was for is that with on at but have had so this be they about from there when just " +
  "then up out what were all our or she he not one some";
const CONTENT =
  "work time week home house friend morning evening coffee train kitchen garden book dinner weekend music walk city " +
  "market office table window bread river school summer winter meeting project phone letter paper station street bridge " +
  "harbour boat island mountain forest path bicycle wheel engine ticket museum painting colour blue green yellow red " +
  "silver wooden quiet loud early late slow quick warm cold sweet bitter fresh old new small large heavy light strong " +
  "soft neighbour teacher doctor baker sailor painter driver singer cousin uncle aunt grandmother brother sister dog cat " +
  "horse bird pigeon swallow salmon trout apple pear plum cherry lemon onion garlic pepper tomato potato carrot cheese " +
  "butter honey ginger cinnamon olive basil parsley soup stew salad pasta rice noodle curry pancake cake biscuit chocolate " +
  "tea juice wine beer water ice snow rain storm cloud thunder wind fog sunrise sunset moon star planet telescope camera " +
  "photograph album guitar piano violin trumpet drum choir concert theatre ballet opera cinema novel poem chapter diary " +
  "calendar holiday birthday wedding anniversary festival picnic barbecue camping tent lantern compass map passport " +
  "suitcase airport ferry lighthouse beach dune cliff cave waterfall valley meadow orchard vineyard farm barn tractor " +
  "fence gate ladder hammer needle thread wool cotton linen scarf jacket boots umbrella gloves ribbon button mirror " +
  "carpet curtain pillow blanket candle fireplace chimney roof attic cellar staircase balcony courtyard fountain statue " +
  "cathedral library laboratory experiment microscope magnet battery cable keyboard screen printer server " +
  "database algorithm spreadsheet invoice budget contract deadline interview promotion colleague manager customer " +
  "marathon swimming tennis chess football climbing skating yoga medal trophy referee stadium bakery pharmacy hospital " +
  "dentist clinic vaccine allergy recipe menu waiter chef restaurant tavern brewery pottery clay kiln mosaic sculpture " +
  "origami crossword puzzle lottery volcano glacier earthquake eclipse comet dinosaur fossil dragon castle knight";

const CONTENT_WORDS: readonly string[] = CONTENT.split(" ");
const WORDS: readonly string[] = [...GLUE.split(" "), ...CONTENT_WORDS];

/** Draws the word of rank r with a frequency of 1/r. @source Zipf's law */
const CUMULATIVE: readonly number[] = cumulate(WORDS.map((_, index) => 1 / (index + 1)));

function cumulate(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

function word(random: Random): string {
  const target = random() * (CUMULATIVE.at(-1) ?? 0);
  let [low, high] = [0, WORDS.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((CUMULATIVE[middle] ?? 0) < target) low = middle + 1;
    else high = middle;
  }
  return WORDS[low] ?? "";
}

/** Between `least` and `least + spread - 1` words, in sentences. */
export function prose(random: Random, least: number, spread: number): string {
  const words = Array.from({ length: least + integer(random, spread) }, () => word(random));
  return words
    .map((text, index) => (index % 11 === 0 ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text))
    .map((text, index) => (index % 11 === 10 || index === words.length - 1 ? `${text}.` : text))
    .join(" ");
}

export function contentWord(random: Random): string {
  return CONTENT_WORDS[integer(random, CONTENT_WORDS.length)] ?? "";
}
