/** The blocks of core memory in a prompt. Tags in values are escaped, so the first end tag of a name ends the block. */
export function shownBlocks(system: string): { label: string; value: string; limit: number }[] {
  const opens = system.matchAll(/<([a-z][\w-]*) characters="\d+\/(\d+)"[^>\n]*>\n?/gi);
  return [...opens].flatMap(({ 0: open, 1: label = "", 2: limit, index }) => {
    const start = index + open.length;
    const end = system.indexOf(`</${label}>`, start);
    return end < 0 ? [] : [{ label, value: system.slice(start, end).replace(/\n$/, ""), limit: Number(limit) }];
  });
}
