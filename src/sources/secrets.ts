import { createHash } from "node:crypto";
import { findSecrets, redact } from "../trust/secrets/find-secrets.ts";
import type { Element } from "./element.ts";

/** What to do with keys, tokens, card numbers and seed phrases in documents. `skip` leaves out documents that contain one. */
export type SecretsChoice = "keep" | "redact" | "skip";

/** A document that contains secrets, and their kinds. */
export type SecretsFound = { readonly document: string; readonly kinds: readonly string[] };

/** The choice, or a function that is asked for it at the first secret of a load. */
export type SecretsPolicy = SecretsChoice | ((found: SecretsFound) => Promise<SecretsChoice>);

/** Suffix of the sums of documents that were stored with their secrets. */
const KEPT = "+secrets";
/** Ends the sums of documents that were stored without their secrets, which may be left out another time. */
const REDACTED = "+redacted";

/** A secret was found in a document that is not to be stored so, or is to be read again to be stored in another way. */
export class SecretFound extends Error {
  readonly choice: SecretsChoice;

  constructor(choice: SecretsChoice) {
    super("it holds a secret");
    this.choice = choice;
  }
}

type DocumentNames = { readonly root: string; readonly name: string };

/** Looks for secrets in the documents of one load. */
export class SecretsScreen {
  readonly #policy: SecretsPolicy;
  #choice: SecretsChoice | undefined;
  readonly #window: number;
  #hadSecrets = false;

  /** @param window Characters that are searched at once, in whole elements; 0 for each element by itself. */
  constructor(policy: SecretsPolicy, window = WINDOW) {
    this.#policy = policy;
    this.#window = window;
    if (typeof policy === "string") this.#choice = policy;
  }

  /** The sum by which a document is known once it is stored. */
  sumOf(bytes: string, isRedacted: boolean): string {
    if (this.#choice === "keep") return bytes + KEPT;
    return isRedacted ? bytes + REDACTED : bytes;
  }

  /** The stored sums that make loading this version unnecessary. Before the choice is made, both, so that nobody is asked again. */
  sumsOf(bytes: string): readonly string[] {
    switch (this.#choice) {
      case undefined:
        return [bytes, bytes + REDACTED, bytes + KEPT];
      case "keep":
        return [bytes + KEPT];
      case "redact":
        return [bytes, bytes + REDACTED];
      case "skip":
        return [bytes];
    }
  }

  /** The names of a document without secrets. Different ones stay different. @throws SecretFound if it is left out. */
  async namesOf({ root, name }: DocumentNames): Promise<DocumentNames> {
    return { root: await this.#named(root), name: await this.#named(name) };
  }

  async #named(name: string): Promise<string> {
    const secrets = COULD_HOLD_ONE.test(name) ? await findSecrets(name) : [];
    if (secrets.length === 0) return name;
    const kinds = [...new Set(secrets.map(({ kind }) => kind))];
    const redacted = redact(name, secrets);
    const choice = await this.#choose({ document: redacted, kinds });
    if (choice === "keep") return name;
    if (choice === "skip") throw new SecretFound(choice);
    return `${redacted} (${createHash("sha256").update(name).digest("hex").slice(0, 4)})`;
  }

  noteStored({ hash }: { readonly hash: string }): void {
    this.#hadSecrets ||= hash.endsWith(KEPT);
  }

  /** Whether stored documents may contain secrets that the choice now excludes. */
  get removesStored(): boolean {
    return this.#hadSecrets && this.#choice !== undefined && this.#choice !== "keep";
  }

  /** @param isMarked Whether the document is being stored as one without its secrets. */
  of(document: string, isMarked: boolean): DocumentScreen {
    const choose = (found: SecretsFound): Promise<SecretsChoice> => this.#choose(found);
    return new DocumentScreen(document, { choose, isMarked, isOff: this.#choice === "keep", window: this.#window });
  }

  async #choose(found: SecretsFound): Promise<SecretsChoice> {
    this.#choice ??= typeof this.#policy === "string" ? this.#policy : await this.#policy(found);
    return this.#choice;
  }
}

type ScreenOptions = {
  readonly choose: (found: SecretsFound) => Promise<SecretsChoice>;
  readonly isMarked: boolean;
  readonly isOff: boolean;
  readonly window: number;
};

/** What was found in one document. */
class DocumentScreen {
  count = 0;
  readonly #kinds = new Set<string>();
  readonly #document: string;
  readonly #choose: (found: SecretsFound) => Promise<SecretsChoice>;
  readonly #isMarked: boolean;
  readonly #isOff: boolean;
  readonly #window: number;
  /** A cache: every row of a table has the same header. */
  #header = { text: "", screened: "" };
  #isInKey = false;

  constructor(document: string, { choose, isMarked, isOff, window }: ScreenOptions) {
    this.#document = document;
    this.#choose = choose;
    this.#isMarked = isMarked;
    this.#isOff = isOff;
    this.#window = window;
  }

  get found(): SecretsFound & { readonly type: "secrets"; readonly count: number } {
    return { type: "secrets", document: this.#document, kinds: [...this.#kinds], count: this.count };
  }

  /** The elements of the document without secrets. @throws SecretFound unless it is being stored as one without them. */
  async *screened(elements: AsyncIterable<Element> | Iterable<Element>): AsyncGenerator<Element, void, void> {
    if (this.#isOff) {
      yield* elements;
      return;
    }
    let part: Element[] = [];
    let size = 0;
    for await (const element of elements) {
      part.push(element);
      size += element.text.length;
      if (size < this.#window) continue;
      yield* this.#screenedPart(part);
      [part, size] = [[], 0];
    }
    yield* this.#screenedPart(part);
  }

  /** Looks at many elements as one text, since most hold no secret, and only then at each. */
  async *#screenedPart(part: readonly Element[]): AsyncGenerator<Element, void, void> {
    if (!this.#isInKey && !(await holdsSecret(part))) {
      yield* part;
      return;
    }
    for (const element of part) {
      const text = await this.#text(this.#afterKey(element.text));
      if (text === "" && element.text !== "") continue;
      yield await this.#withNames({ ...element, text });
    }
  }

  async #withNames(element: Element): Promise<Element> {
    if (element.kind === "code" && element.under !== undefined)
      return { ...element, under: await this.#text(element.under) };
    if (element.kind !== "row" || element.header === undefined) return element;
    if (this.#header.text !== element.header)
      this.#header = { text: element.header, screened: await this.#text(element.header) };
    return { ...element, header: this.#header.screened };
  }

  async #text(text: string): Promise<string> {
    const secrets = await findSecrets(text);
    const open = openKey(text);
    // A key of which only the first line is in this element.
    if (open !== undefined && !secrets.some(({ to }) => to > open))
      secrets.push({ kind: "private key", from: open, to: text.length });
    if (open !== undefined) this.#isInKey = true;
    if (secrets.length === 0) return text;
    for (const { kind } of secrets) this.#kinds.add(kind);
    this.count += secrets.length;
    const choice = await this.#choose({ document: this.#document, kinds: [...this.#kinds] });
    if (choice !== "redact" || !this.#isMarked) throw new SecretFound(choice);
    return redact(text, secrets);
  }

  /** The text after a private key that began in an earlier element. */
  #afterKey(text: string): string {
    if (!this.#isInKey) return text;
    const end = KEY_END.exec(text);
    const inside = end === null ? text : text.slice(0, end.index);
    const isKey = inside.split("\n").every((line) => KEY_LINE.test(line));
    if (isKey && end === null) return "";
    this.#isInKey = false;
    return isKey && end !== null ? text.slice(end.index + end[0].length) : text;
  }
}

/** A long word with a digit, the digits of a card, or as many words as a seed phrase: few names are worth the milliseconds of a look. */
const COULD_HOLD_ONE = /(?=[A-Za-z_]*\d)\w{16,}|\d(?:[ _-]?\d){12}|(?:[A-Za-z]+[ _-]){11}/;

/** Characters searched at once. A search of a short text costs about as much as one of a thousand characters. */
const WINDOW = 16 * 1024;

/** Whether some element may hold a secret. The blank line between two ends every word, line and number. */
async function holdsSecret(elements: readonly Element[]): Promise<boolean> {
  const texts = new Set<string>();
  for (const element of elements) {
    texts.add(element.text);
    if (element.kind === "code" && element.under !== undefined) texts.add(element.under);
    if (element.kind === "row" && element.header !== undefined) texts.add(element.header);
  }
  const all = [...texts].join("\n\n");
  return all.includes("-----BEGIN") || (await findSecrets(all)).length > 0;
}

const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/g;
const KEY_END = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
/** Base64, or a header field of a key. */
const KEY_LINE = /^\s*(?:[A-Za-z0-9+/=]*|[A-Z][\w-]+: \S+)\s*$/;

/** Index of a private key that does not end in `text`; undefined if none. */
function openKey(text: string): number | undefined {
  const begin = [...text.matchAll(KEY_BEGIN)].at(-1)?.index;
  return begin === undefined || KEY_END.test(text.slice(begin)) ? undefined : begin;
}
