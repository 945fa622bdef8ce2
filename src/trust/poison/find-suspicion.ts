import { decoded, turned } from "./decode.ts";
import { LEAKING_LINK, MARKERS } from "./patterns.ts";
import { hidesText, plain, respelled, undisguised } from "./plain.ts";
import { type PoisonClass, ruleIn } from "./rules.ts";

/** Why a text is not taken into memory without a look: which rule, after what it is, and the words that gave it away. */
export type Suspicion = {
  readonly rule: string;
  readonly is: PoisonClass;
  /** How it was disguised, where it was. */
  readonly disguise?: "encoded" | "letters" | "split" | undefined;
  readonly excerpt: string;
};

/** Texts beyond this many characters are looked at in pieces that overlap. */
const PIECE = 4_000;
const OVERLAP = 300;

/**
 * Looks for what a text that goes into memory should not hold: instructions to the agent, exfiltration, another identity,
 * calls, orders for later, markers of a prompt, hidden characters, and encodings of these.
 *
 * @param before What stands right before `text` where it came from: an order can be split over two passages.
 * @returns the first suspicion, if any. Rules cannot tell an order that is only implied.
 */
export function findSuspicion(text: string, before = ""): Suspicion | undefined {
  for (let from = 0; from === 0 || from < text.length - OVERLAP; from += PIECE - OVERLAP) {
    const suspicion = inPiece(text.slice(from, from + PIECE));
    if (suspicion !== undefined) return suspicion;
  }
  if (before === "") return undefined;
  const joined = `${before.slice(-OVERLAP)} ${text.slice(0, OVERLAP)}`;
  const suspicion = inPiece(joined);
  return suspicion === undefined || inPiece(before.slice(-OVERLAP)) !== undefined
    ? undefined
    : { ...suspicion, disguise: "split" };
}

function inPiece(text: string): Suspicion | undefined {
  const marker = [...MARKERS, ...LEAKING_LINK].map((pattern) => pattern.exec(text)).find((match) => match !== null);
  if (marker !== undefined) {
    const leaks = LEAKING_LINK.some((pattern) => pattern.test(text));
    return {
      rule: leaks ? "leaking-link" : "marker",
      is: leaks ? "exfiltration" : "markers",
      excerpt: around(text, marker.index),
    };
  }
  const read = plain(text);
  const direct = byRule(read);
  if (direct !== undefined) return direct;
  for (const hidden of decoded(text)) {
    const suspicion = byRule(plain(hidden));
    if (suspicion !== undefined) return { ...suspicion, disguise: "encoded" };
  }
  for (const letters of new Set([undisguised(read), plain(respelled(text)), undisguised(plain(respelled(text)))])) {
    const suspicion = letters === read ? undefined : byRule(letters);
    if (suspicion !== undefined) return { ...suspicion, disguise: "letters" };
  }
  for (const other of turned(read)) {
    const suspicion = byRule(other);
    if (suspicion !== undefined) return { ...suspicion, disguise: "encoded" };
  }
  if (hidesText(text)) return { rule: "hidden-characters", is: "hidden", excerpt: around(read, 0) };
  return undefined;
}

function byRule(text: string): Suspicion | undefined {
  const found = ruleIn(text);
  return found && { rule: found.rule.id, is: found.rule.is, excerpt: around(text, found.at) };
}

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - 20), at + 100).trim();
}
