import { type Concept, mentionsIn } from "./concepts.ts";
import { FUNCTION_NAME, TARGET } from "./patterns.ts";

/** What an attack is after. */
export type PoisonClass =
  "instructions" | "identity" | "exfiltration" | "secrecy" | "function" | "trigger" | "memory" | "markers" | "hidden";

/** A rule holds where all that it names stands within `within` characters of its first concept. */
export type Rule = {
  readonly id: string;
  readonly is: PoisonClass;
  readonly all: readonly (Concept | "target" | "function_name" | "sending")[];
  readonly within: number;
  /** Whether all of it must stand in one sentence. */
  readonly inSentence?: boolean;
};

/** In the order in which they are tried. The first that holds names the suspicion. */
const RULES: readonly Rule[] = [
  { id: "override-instructions", is: "instructions", all: ["override", "prior", "instructions"], within: 70 },
  { id: "override-everything", is: "instructions", all: ["override", "everything"], within: 60 },
  { id: "reveal-prompt", is: "instructions", all: ["reveal", "prompt"], within: 60 },
  { id: "authority-orders", is: "instructions", all: ["authority", "must", "oblige"], within: 160, inSentence: true },
  { id: "authority-assistant", is: "instructions", all: ["authority", "assistant", "oblige"], within: 160 },
  { id: "addressed", is: "instructions", all: ["addressed", "oblige"], within: 110, inSentence: true },
  { id: "addressed-call", is: "function", all: ["addressed", "call"], within: 80, inSentence: true },
  { id: "addressed-hiding", is: "secrecy", all: ["addressed", "withhold"], within: 110, inSentence: true },
  { id: "addressed-order", is: "instructions", all: ["assistant", "user", "must", "oblige"], within: 120 },
  { id: "become-unbound", is: "identity", all: ["becoming", "unbound"], within: 140 },
  { id: "become-other", is: "identity", all: ["becoming", "assistant"], within: 60 },
  { id: "send-data", is: "exfiltration", all: ["target", "sending", "data"], within: 140 },
  { id: "send-data-there", is: "exfiltration", all: ["destination", "send", "data"], within: 110, inSentence: true },
  { id: "send-user-data", is: "exfiltration", all: ["user", "send", "data", "must"], within: 110 },
  { id: "withhold-from-user", is: "secrecy", all: ["withhold", "user"], within: 60 },
  { id: "call-named-function", is: "function", all: ["function_name", "call"], within: 60 },
  { id: "call-function", is: "function", all: ["user", "function", "call", "must"], within: 120, inSentence: true },
  { id: "delayed-order", is: "trigger", all: ["user", "trigger", "asks", "oblige"], within: 120, inSentence: true },
  { id: "erase-memory", is: "memory", all: ["memory", "erase"], within: 45 },
  { id: "write-memory", is: "memory", all: ["memory", "save"], within: 50 },
  { id: "memorise-forever", is: "memory", all: ["save", "forever"], within: 30, inSentence: true },
  { id: "trusted-source", is: "memory", all: ["trusted", "must"], within: 90, inSentence: true },
  { id: "save-trust", is: "memory", all: ["trusted", "save"], within: 110, inSentence: true },
  { id: "answer-instead", is: "memory", all: ["instead", "trigger", "asks", "oblige"], within: 130, inSentence: true },
  { id: "pay", is: "function", all: ["user", "money", "must", "oblige"], within: 100, inSentence: true },
];

/** The first rule that holds in `text`, which `plain` has made comparable, and where. */
export function ruleIn(text: string): { readonly rule: Rule; readonly at: number } | undefined {
  const mentions = mentionsIn(text);
  const targets = at(text, TARGET);
  const names = at(text, FUNCTION_NAME);
  const places = (name: Rule["all"][number]): readonly number[] => {
    if (name === "target") return targets;
    if (name === "sending") return (mentions.get("send") ?? []).filter((position) => !saysWhereToReach(text, position));
    return name === "function_name" ? names : (mentions.get(name) ?? []);
  };
  for (const rule of RULES) {
    const [first, ...others] = rule.all;
    const anchors = first === undefined ? [] : places(first);
    const anchor = anchors.find((position) =>
      others.every((name) => places(name).some((other) => belongs(text, rule, position, other))),
    );
    if (anchor !== undefined) return { rule, at: anchor };
  }
  return undefined;
}

/** `mail me at bob@example.com` asks for nothing to be sent, unless what to send follows. */
function saysWhereToReach(text: string, position: number): boolean {
  const said = /^(?:e-?mail|mail|post|call|contact|message|text|write to) (?:me|us) (?:at|on|under) \S+/u.exec(
    text.slice(position),
  );
  if (said === null) return false;
  const data = mentionsIn(text.slice(position + said[0].length, position + said[0].length + 15)).get("data") ?? [];
  return data.length === 0;
}

function belongs(text: string, { within, inSentence = false }: Rule, position: number, other: number): boolean {
  if (other === position || Math.abs(other - position) > within) return false;
  return !inSentence || !/[.!?]\s|[。！？؟।]/u.test(text.slice(Math.min(position, other), Math.max(position, other)));
}

function at(text: string, pattern: RegExp): number[] {
  return Array.from(text.matchAll(pattern), ({ index }) => index);
}
