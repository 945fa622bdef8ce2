/** Most encodings that are undone, one within another. */
const LAYERS = 3;

/** Texts hidden in `text` by one or more encodings. What decodes to nothing readable is left out. */
export function decoded(text: string): string[] {
  const all = new Set<string>();
  let layer = [text];
  for (let depth = 0; depth < LAYERS && layer.length > 0; depth += 1) {
    layer = layer.flatMap(once).filter((found) => !all.has(found));
    for (const found of layer) all.add(found);
  }
  return [...all];
}

function once(text: string): string[] {
  const found: string[] = [];
  for (const [run] of text.matchAll(/(?:[A-Za-z0-9+/_-]{4}){4,}[A-Za-z0-9+/_-]{0,3}={0,2}/g)) add(found, base64(run));
  for (const [run] of text.matchAll(/\b[A-Z2-7]{16,}={0,6}/g)) add(found, base32(run));
  for (const [run] of text.matchAll(/\b(?:(?:0x|\\x)?[0-9a-f]{2}[ ,:]{0,2}){10,}/gi))
    add(found, bytes(run.match(/[0-9a-f]{2}(?![xX])/gi) ?? [], 16));
  for (const [run] of text.matchAll(/(?:\b[01]{8}\b[ ,]?){8,}/g)) add(found, bytes(run.match(/[01]{8}/g) ?? [], 2));
  for (const [run] of text.matchAll(/(?:\b\d{2,3}\b[ ,]+){12,}\d{2,3}/g))
    add(found, bytes(run.match(/\d+/g) ?? [], 10));
  if (/(?:%[0-9a-f]{2}[^%]{0,20}){3}/i.test(text)) add(found, percent(text));
  if (/(?:&#x?[0-9a-f]+;){3}/i.test(text)) add(found, entities(text));
  if (/(?:\\u\{?[0-9a-f]{4}|\\x[0-9a-f]{2}){3}/i.test(text)) add(found, escapes(text));
  const tags = (text.match(/[\u{e0020}-\u{e007e}]/gu) ?? []).map((tag) =>
    String.fromCharCode((tag.codePointAt(0) ?? 0) - 0xe0000),
  );
  if (tags.length > 3) found.push(tags.join(""));
  const selectors = (text.match(/[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu) ?? []).map((selector) => {
    const code = selector.codePointAt(0) ?? 0;
    return code < 0x10000 ? code - 0xfe00 : code - 0xe0100 + 16;
  });
  if (selectors.length > 7) add(found, Buffer.from(selectors).toString("utf8"));
  return found;
}

/** Words of orders to a model, in ROT13 and backwards. */
const ROTATED = /\b(?:vtaber|qvfertneq|sbetrg|vafgehpgvba|flfgrz|cebzcg|erirny|frperg|cnffjbeq|zrzbel|nffvfgnag)/u;
const BACKWARDS =
  /(?:erongi|drageersid|snoitcurtsni|noitcurtsni|metsys|tpmorp|laever|terces|drowssap|yromem|tnatsissa)/u;

/** Plain text with ROT13 or reversal undone, if its words suggest either. */
export function turned(text: string): string[] {
  const found: string[] = [];
  if (BACKWARDS.test(text)) found.push(Array.from(text).reverse().join(""));
  if (!ROTATED.test(text)) return found;
  const rot13 = text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
  return [...found, rot13];
}

function add(found: string[], text: string | undefined): void {
  if (text !== undefined && isReadable(text)) found.push(text);
}

function isReadable(text: string): boolean {
  const letters = (text.match(/[\p{L}\p{N}\s]/gu) ?? []).length;
  return text.length >= 8 && !/[\u0000-\u0008\ufffd]/.test(text) && letters / text.length > 0.7;
}

function base64(run: string): string | undefined {
  const text = Buffer.from(run, "base64").toString("utf8");
  return text.includes("\ufffd") ? undefined : text;
}

function base32(run: string): string | undefined {
  let [value, bits] = [0, 0];
  const codes: number[] = [];
  for (const letter of run.replace(/=+$/, "")) {
    value = ((value << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    codes.push((value >> bits) & 0xff);
  }
  const text = Buffer.from(codes).toString("utf8");
  return text.includes("\ufffd") ? undefined : text;
}

function bytes(codes: readonly string[], radix: number): string {
  return Buffer.from(codes.map((code) => Number.parseInt(code, radix) & 0xff)).toString("utf8");
}

function percent(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, "%25"));
  } catch {
    return undefined;
  }
}

function entities(text: string): string {
  return text.replace(/&#(x?)([0-9a-f]+);/gi, (_, hex: string, digits: string) =>
    character(Number.parseInt(digits, hex === "" ? 10 : 16)),
  );
}

function escapes(text: string): string {
  return text.replace(
    /\\(?:u\{?([0-9a-f]{4,6})\}?|x([0-9a-f]{2}))/gi,
    (_, unicode: string | undefined, byte: string | undefined) => character(Number.parseInt(unicode ?? byte ?? "", 16)),
  );
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}
