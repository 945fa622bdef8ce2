/**
 * Merges two edits of one text. If only one side changed it, that change wins; if both added to its end, both additions are
 * kept; otherwise `mine` wins.
 */
export function mergedText(base: string, mine: string, theirs: string): string {
  if (mine === base) return theirs;
  const isAddedTo = mine.startsWith(base) && theirs.startsWith(base);
  return isAddedTo && mine !== theirs ? theirs + mine.slice(base.length) : mine;
}
