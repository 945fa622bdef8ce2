/**
 * Whether brackets in a JSON text nest more than `depth` levels deep. Check this before parsing: very deep values exhaust
 * memory, or overflow the stack wherever they are visited.
 */
export function isDeeperThan(json: string, depth: number): boolean {
  let [level, isString] = [0, false];
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (isString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (code === BRACE || code === BRACKET) {
      level += 1;
      if (level > depth) return true;
    } else if (code === BRACE + 2 || code === BRACKET + 2) level -= 1;
  }
  return false;
}

const [QUOTE, BACKSLASH, BRACE, BRACKET] = [0x22, 0x5c, 0x7b, 0x5b];
