import type { Command } from "commander";

/** One or two examples for each command, by the words after `memgpt`. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "": ["memgpt", 'memgpt "What did I tell you about Lisbon?"'],
  run: ["memgpt run sam", 'git diff | memgpt run --agent sam -p "Review this"'],
  configure: ["memgpt configure", "memgpt configure --show-origin"],
  "configure set": ["memgpt configure set model gpt-4.1-mini", "memgpt configure set openai_api_key - < key.txt"],
  quickstart: ["memgpt quickstart --backend ollama", "memgpt quickstart http://localhost:8080/v1"],
  doctor: ["memgpt doctor", "memgpt doctor --agent sam --timeout 30s"],
  inspect: ["memgpt inspect sam"],
  search: ['memgpt search sam "birthday cake" --in all', 'memgpt search sam "where do I live" --from "last year"'],
  reindex: ["memgpt reindex sam", "memgpt reindex sam --embedding openai --embedding-model nomic-embed-text"],
  checkpoints: ["memgpt checkpoints sam", "memgpt checkpoints sam --keep 200"],
  restore: ['memgpt restore sam "before the trip"', 'memgpt restore sam "yesterday 17:00"'],
  undo: ["memgpt undo sam", "memgpt undo sam 3"],
  redo: ["memgpt redo sam"],
  history: ["memgpt history sam --label human"],
  quarantine: ["memgpt quarantine sam", "memgpt quarantine sam --release all"],
  load: ["memgpt load papers thesis.pdf notes/", "memgpt load manual https://example.com/manual.html"],
  "load directory": ["memgpt load directory --name papers --input-dir papers --recursive"],
  "load webpage": ["memgpt load webpage --name manual --urls https://example.com/manual.html"],
  attach: ["memgpt attach sam papers"],
  detach: ["memgpt detach sam papers"],
  "list sources": ["memgpt list sources"],
  show: ["memgpt show source papers"],
  "show source": ["memgpt show source papers"],
  "delete source": ["memgpt delete source papers --yes"],
  import: ["memgpt import conversations.json --dry-run", "memgpt import notes.af -y"],
  server: ["memgpt server", "memgpt server --port 9000"],
  users: ["memgpt users list"],
  "users add": ["memgpt users add ada"],
  "users list": ["memgpt users list --json"],
  "users remove": ["memgpt users remove ada"],
  keys: ["memgpt keys list"],
  "keys create": ["memgpt keys create --user ada --name laptop"],
  "keys list": ["memgpt keys list --json"],
  "keys revoke": ["memgpt keys revoke KEY_ID"],
  export: ["memgpt export sam --output sam.md", "memgpt export sam --format json"],
  rename: ["memgpt rename agent_1 sam"],
  copy: ["memgpt copy sam sam_2", 'memgpt copy sam sam_before --at "before the trip"'],
  backup: ["memgpt backup sam sam.memgpt", "memgpt backup --all everyone.memgpt --force"],
  "restore-backup": ["memgpt restore-backup sam.memgpt --verify", "memgpt restore-backup sam.memgpt --as sam_2"],
  eval: ["memgpt eval functions --model llama3.1 --model-endpoint http://localhost:11434/v1"],
  "eval locomo": ["memgpt eval locomo --data locomo10.json"],
  "eval longmemeval": ["memgpt eval longmemeval --data longmemeval_s_cleaned.json --limit 20"],
  "eval doc-qa": ["memgpt eval doc-qa --passages passages.jsonl --questions questions.jsonl"],
  "eval nested-kv": ["memgpt eval nested-kv --data nested_kv --levels 1-3"],
  "eval dmr": ["memgpt eval dmr --data msc_self_instruct.jsonl --limit 20"],
  "eval paraphrase": ["memgpt eval paraphrase --data pairs.json --embedding local-lite"],
  "eval poisoning": ["memgpt eval poisoning --data attacks.jsonl --passages passages.jsonl"],
  "eval functions": ["memgpt eval functions --model gpt-4.1-mini --tries 5"],
  list: ["memgpt list agents"],
  "list agents": ["memgpt list agents --json"],
  "list personas": ["memgpt list personas"],
  "list humans": ["memgpt list humans"],
  "list presets": ["memgpt list presets"],
  delete: ["memgpt delete agent sam"],
  "delete agent": ["memgpt delete agent sam"],
  completion: ["source <(memgpt completion bash)", "memgpt completion fish > ~/.config/fish/completions/memgpt.fish"],
  version: ["memgpt version"],
  folder: ['ls "$(memgpt folder)"'],
};

/** Adds the examples to the end of each command's help. */
export function addExamples(command: Command, path: readonly string[] = []): void {
  const examples = EXAMPLES[path.join(" ")] ?? [];
  if (examples.length > 0) {
    const heading = examples.length === 1 ? "Example:" : "Examples:";
    command.addHelpText("after", ["", heading, ...examples.map((example) => `  ${example}`)].join("\n"));
  }
  for (const child of command.commands) addExamples(child, [...path, child.name()]);
}
