/**
 * What two people made of one text: the change of whoever changed it. If both did, both additions to its end are kept; else
 * `mine` counts.
 */
export function mergedText(base: string, mine: string, theirs: string): string {
  if (mine === base) return theirs;
  const isAddedTo = mine.startsWith(base) && theirs.startsWith(base);
  return isAddedTo && mine !== theirs ? theirs + mine.slice(base.length) : mine;
}
