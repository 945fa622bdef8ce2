/** English words too common to search for, including negations and question words. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a about above after again against ain all also am an and any are aren't as at be because been before being below " +
    "between both but by can can't could couldn't did didn't do does doesn't doing don't down during each ever few for " +
    "from further get got had hadn't has hasn't have haven't having he her here hers herself him himself his how i i'd " +
    "i'll i'm i've if in into is isn't it it's its itself just let let's like me more most my myself no nor not now of " +
    "off on once only or other our ours ourselves out over own same she should shouldn't so some such than that that's " +
    "the their theirs them themselves then there these they this those through to too under until up us very was wasn't " +
    "we were weren't what what's when where which while who whom whose why will with won't would wouldn't you your " +
    "yours yourself yourselves"
  ).split(" "),
);
