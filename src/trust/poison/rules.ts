import { type Concept, type Mentions, mentionsIn } from "./concepts.ts";
import { FOR_US, OWN_MESSAGE } from "./patterns.ts";
import type { Neutral, Signs } from "./signs.ts";

/** The class of an attack. */
export type PoisonClass =
  "instructions" | "identity" | "exfiltration" | "secrecy" | "function" | "trigger" | "memory" | "markers" | "hidden";

/** A rule matches where all of its concepts are within `within` characters of the first. */
type Rule = {
  readonly id: string;
  readonly is: PoisonClass;
  readonly all: readonly (Concept | keyof Neutral | "sending" | "object")[];
  readonly within: number;
  /** The first `count` concepts must be closer to the first. */
  readonly tight?: { readonly count: number; readonly within: number };
  /** All of it must be in one sentence or clause. A clause also ends at a colon or semicolon. */
  readonly in?: "sentence" | "clause";
  /** Harmless texts match it too: the score has the last word. */
  readonly vague?: true;
};

/** Tried in order. The first that matches names the suspicion. */
const RULES: readonly Rule[] = [
  {
    id: "override-instructions",
    is: "instructions",
    all: ["override", "prior", "instructions"],
    within: 70,
    in: "clause",
  },
  { id: "override-maker", is: "instructions", all: ["override", "maker"], within: 60, in: "sentence" },
  { id: "override-everything", is: "instructions", all: ["override", "everything"], within: 60, in: "clause" },
  { id: "reveal-prompt", is: "instructions", all: ["reveal", "prompt"], within: 60 },
  {
    id: "authority-heading",
    is: "instructions",
    all: ["authority", "colon", "oblige", "object"],
    within: 100,
    tight: { count: 2, within: 30 },
    in: "sentence",
  },
  {
    id: "authority-orders",
    vague: true,
    is: "instructions",
    all: ["authority", "must", "oblige"],
    within: 160,
    in: "sentence",
  },
  {
    id: "authority-assistant",
    vague: true,
    is: "instructions",
    all: ["authority", "assistant", "oblige"],
    within: 160,
  },
  { id: "addressed", is: "instructions", all: ["addressed", "oblige"], within: 110, in: "sentence" },
  { id: "addressed-override", is: "instructions", all: ["addressed", "override", "instructions"], within: 110 },
  { id: "addressed-becoming", is: "identity", all: ["addressed", "becoming"], within: 90, in: "sentence" },
  { id: "addressed-call", is: "function", all: ["addressed", "call"], within: 80, in: "sentence" },
  { id: "addressed-hiding", is: "secrecy", all: ["addressed", "withhold"], within: 110, in: "sentence" },
  { id: "addressed-order", vague: true, is: "instructions", all: ["assistant", "user", "must", "oblige"], within: 120 },
  { id: "become-unbound", is: "identity", all: ["becoming", "unbound"], within: 140 },
  { id: "become-other", is: "identity", all: ["becoming", "assistant"], within: 60 },
  { id: "send-data", is: "exfiltration", all: ["target", "sending", "data"], within: 140 },
  {
    id: "send-data-there",
    vague: true,
    is: "exfiltration",
    all: ["destination", "send", "data"],
    within: 110,
    in: "sentence",
  },
  { id: "send-user-data", vague: true, is: "exfiltration", all: ["user", "send", "data", "must"], within: 110 },
  { id: "addressed-sending", is: "exfiltration", all: ["vocative", "send", "data"], within: 130, in: "sentence" },
  {
    id: "addressed-to-send",
    vague: true,
    is: "exfiltration",
    all: ["addressed", "send", "data", "must"],
    within: 130,
    in: "sentence",
  },
  { id: "withhold-from-user", is: "secrecy", all: ["withhold", "user"], within: 60 },
  { id: "call-own-function", is: "function", all: ["own_function", "call"], within: 60 },
  { id: "call-named-function", is: "function", all: ["function_name", "call", "addressed"], within: 90 },
  { id: "call-function-for-user", is: "function", all: ["function_name", "call", "user"], within: 90 },
  { id: "call-function-unasked", is: "function", all: ["function_name", "unasked"], within: 90 },
  { id: "call-function", is: "function", all: ["user", "function", "call", "must"], within: 120, in: "sentence" },
  { id: "call-with-address", is: "function", all: ["function_name", "call", "target"], within: 90 },
  { id: "call-unasked", is: "function", all: ["call", "function", "unasked"], within: 90 },
  {
    id: "delayed-order",
    vague: true,
    is: "trigger",
    all: ["user", "trigger", "asks", "oblige"],
    within: 120,
    in: "sentence",
  },
  {
    id: "delayed-by-word",
    is: "trigger",
    all: ["someone", "trigger", "asks", "quoted", "oblige"],
    within: 120,
    tight: { count: 4, within: 60 },
    in: "sentence",
  },
  {
    id: "delayed-always",
    vague: true,
    is: "trigger",
    all: ["someone", "trigger", "asks", "oblige", "must"],
    within: 110,
    tight: { count: 3, within: 45 },
    in: "sentence",
  },
  {
    id: "delayed-call",
    is: "trigger",
    all: ["someone", "trigger", "asks", "call", "function"],
    within: 110,
    tight: { count: 3, within: 45 },
    in: "sentence",
  },
  { id: "from-now-on-link", is: "trigger", all: ["future", "oblige", "target"], within: 110, in: "sentence" },
  { id: "from-now-on", is: "trigger", all: ["future", "oblige", "must", "user"], within: 110, in: "sentence" },
  { id: "erase-memory", is: "memory", all: ["memory", "erase"], within: 45 },
  { id: "write-memory", vague: true, is: "memory", all: ["memory", "save"], within: 50 },
  { id: "memorise-forever", vague: true, is: "memory", all: ["save", "forever"], within: 30, in: "sentence" },
  { id: "trusted-source", is: "memory", all: ["trusted", "must"], within: 90, in: "sentence" },
  { id: "save-trust", is: "memory", all: ["trusted", "save"], within: 110, in: "sentence" },
  {
    id: "answer-instead",
    vague: true,
    is: "memory",
    all: ["instead", "trigger", "asks", "oblige"],
    within: 130,
    in: "sentence",
  },
  { id: "swapped-records", is: "memory", all: ["number", "answers", "instead", "must"], within: 140 },
  { id: "agreed-for-good", is: "memory", all: ["user", "agreed", "future"], within: 140 },
  { id: "agreed-unasked", is: "memory", all: ["user", "agreed", "unasked"], within: 140 },
  { id: "pay", is: "function", all: ["user", "money", "must", "oblige"], within: 100, in: "sentence" },
];

/** A rule that matches, where, and the language that all of its concepts are in. */
export type Match = { readonly rule: Rule; readonly at: number; readonly language: string };

/** The first rule that matches. */
export function ruleIn({ text, neutral, languages }: Signs): Match | undefined {
  for (const rule of RULES) {
    for (const [language, mentions] of languages) {
      const anchor = anchorOf(DENSE.has(language) ? closer(rule) : rule, text, mentions, neutral);
      if (anchor !== undefined) return { rule, at: anchor, language };
    }
  }
  return undefined;
}

function placesOf(mentions: Mentions, concept: Concept): readonly number[] {
  return mentions.get(concept) ?? [];
}

function isNeutral(name: string, neutral: Neutral): name is keyof Neutral {
  return Object.hasOwn(neutral, name);
}

/** What an attacker may want from an agent. */
const OBJECTS: readonly Concept[] = ["prompt", "memory", "data", "instructions"];

/** Languages that need about half as many characters as others. */
const DENSE = new Set(["ja", "ko", "zh"]);

function closer({ within, tight, ...rule }: Rule): Rule {
  const near = (distance: number): number => Math.ceil(distance * 0.6);
  return { ...rule, within: near(within), ...(tight && { tight: { ...tight, within: near(tight.within) } }) };
}

function anchorOf(rule: Rule, text: string, mentions: Mentions, neutral: Neutral): number | undefined {
  const places = (name: Rule["all"][number]): readonly number[] => {
    if (name === "addressed") return [...placesOf(mentions, name), ...neutral.vocative];
    if (name === "override") return placesOf(mentions, name).filter((at) => !isOfWriter(text, at));
    if (name === "sending") return placesOf(mentions, "send").filter((at) => !givesContact(text, at));
    if (name === "object") return OBJECTS.flatMap((object) => placesOf(mentions, object));
    return isNeutral(name, neutral) ? neutral[name] : placesOf(mentions, name);
  };
  const [first, ...others] = rule.all;
  if (first === undefined) return undefined;
  return places(first).find((position) =>
    others.every((name, index) => places(name).some((other) => belongs(text, rule, { position, other, index }))),
  );
}

/** `mail me at bob@example.com` gives an address and asks for nothing, unless what to send follows. */
function givesContact(text: string, position: number): boolean {
  const match = /^(?:e-?mail|mail|post|call|contact|message|text|write to) (?:me|us) (?:at|on|under) \S+/u.exec(
    text.slice(position),
  );
  if (match === null) return false;
  const after = text.slice(position + match[0].length, position + match[0].length + 15);
  return [...mentionsIn(after).values()].every((mentions) => !mentions.has("data"));
}

/** `ignore my previous mail`, `no longer apply to us`: about the writer's own messages and rules, not about the agent's. */
function isOfWriter(text: string, position: number): boolean {
  const after = text.slice(position, position + 50);
  return OWN_MESSAGE.test(after) || FOR_US.test(after);
}

const ENDS = { sentence: /[.!?]\s|[。！？؟।]/u, clause: /[.!?;:]\s|[。！？؟।؛;:]/u };

function belongs(
  text: string,
  { within, tight = { count: 0, within: 0 }, in: whole }: Rule,
  { position, other, index }: { position: number; other: number; index: number },
): boolean {
  const most = index + 1 < tight.count ? tight.within : within;
  if (other === position || Math.abs(other - position) > most) return false;
  const between = text.slice(Math.min(position, other), Math.max(position, other));
  return whole === undefined || !ENDS[whole].test(between);
}
