/** The first `length` code units of a text, or one less where a surrogate pair would be split: half of it cannot be shown or stored. */
export function beginning(text: string, length: number): string {
  return text.slice(0, endWithin(text, length));
}

/** Where the beginning of a text ends, in code units. */
export function endWithin(text: string, length: number): number {
  const end = Math.min(length, text.length);
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
