/** The part of a secretlint rule that is used. Its types are in a package that the rules do not install. */
type Rule = {
  readonly meta: { readonly id: string };
  create(
    context: Context,
    options: object,
  ): {
    file?(source: { readonly content: string; readonly filePath: string; readonly ext: string }): void | Promise<void>;
  };
};
type Context = {
  readonly sharedOptions: object;
  createTranslator(messages: object): (messageId: string) => { readonly messageId: string };
  report(found: {
    readonly message: { readonly messageId: string };
    readonly range: readonly [from: number, to: number];
  }): void;
};

/** What a rule found in a text, in UTF-16 code units. */
export type Reported = { readonly rule: string; readonly message: string; readonly from: number; readonly to: number };

/**
 * Runs the rules that secretlint recommends, without secretlint's core, which keeps a record of every run and searches all of them
 * in each.
 */
export async function lint(text: string): Promise<Reported[]> {
  const reported: Reported[] = [];
  for (const rule of await (rules ??= loadRules())) {
    const handler = rule.create(contextOf(rule.meta.id, reported), {});
    await handler.file?.({ content: text, filePath: "message.txt", ext: ".txt" });
  }
  return reported;
}

let rules: Promise<readonly Rule[]> | undefined;

async function loadRules(): Promise<readonly Rule[]> {
  const preset = (await import("@secretlint/secretlint-rule-preset-recommend")) as {
    readonly rules: readonly unknown[];
  };
  return (preset.rules as readonly Rule[]).filter(({ meta }) => meta.id !== COMMENTS);
}

/** Lets comments in a source file turn rules off. In a conversation, that would be a way around them. */
const COMMENTS = "@secretlint/secretlint-rule-filter-comments";

function contextOf(rule: string, reported: Reported[]): Context {
  return {
    sharedOptions: {},
    createTranslator: () => (messageId) => ({ messageId }),
    report: ({ message, range: [from, to] }) => {
      reported.push({ rule, message: message.messageId, from, to });
    },
  };
}
