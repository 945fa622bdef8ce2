const WORDS = [
  [/^turn (?=")/, ""],
  [/^undo$/, "an undo"],
  [/^redo$/, "a redo"],
  [/^\/retry (?=")/, "another answer to "],
  [/^\/edit (?=")/, "edited: "],
  [/^\/load /, "going to "],
  [/^copy --at /, "copied from "],
  [/^(?:\/core edit|edit of block) /, "edit of "],
  [/^removal of block /, "removal of "],
  [/^\/rethink$/, "another thought"],
  [/^\/rewrite$/, "another wording of a reply"],
  [/^\/pop 1$/, "taking back the last message"],
  [/^\/pop (\d+)$/, "taking back the last $1 messages"],
  [/^\/wipe$/, "wiping all that it remembers"],
  [/^\/clear messages$/, "clearing the conversation"],
  [/^\/summarize$/, "a summary"],
  [/^\/model /, "the model "],
  [/^\/systemswap$/, "another system prompt"],
  [/^\/checkpoints --keep /, "moments that are kept: "],
  [/^\/attach /, "attaching the source "],
  [/^\/detach /, "detaching the source "],
  [/^\/functions always /, "always allowing "],
  [/^\/functions never /, "never allowing "],
  [/^\/functions ask /, "asking before "],
  [/^\/add_function /, "giving it the function "],
  [/^\/remove_function /, "taking away the function "],
  [/^reindex$/, "embedding all again"],
  [/^settings$/, "other settings"],
] as const;

/** The page's words for a turn or command, which the journal names as the terminal does. */
export function inWords(label: string): string {
  const found = WORDS.find(([form]) => form.test(label));
  return found === undefined ? label : label.replace(found[0], found[1]);
}
