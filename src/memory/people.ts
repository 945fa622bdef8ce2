import type { Block } from "../schema/state.ts";
import type { Person } from "../schema/person.ts";

const NAME = String.raw`(\p{Lu}[\p{L}'’-]+)`;

/** Names in blocks: `First name: Chad`, `Name: Ana`, `her name is Ana`, `goes by Ana`; `My name is Sam`, `I'm Sam`. */
const HUMAN = new RegExp(String.raw`(?:\b[Nn]ame(?:\s+is|\s*:)|\bcalled|\bgoes by)\s+${NAME}`, "gu");
const PERSONA = new RegExp(String.raw`(?:\b[Mm]y name is|\bI am|\bI['’]m|\b[Nn]ame:|\bcalled)\s+${NAME}`, "gu");

/** The names that core memory gives for the person and the agent. */
export function peopleIn(blocks: readonly Block[]): Person[] {
  const named = (label: string, pattern: RegExp, role: Person["role"]): Person[] =>
    blocks
      .filter((block) => block.label === label)
      .flatMap(({ value }) => [...value.matchAll(pattern)].map(([, name = ""]) => ({ name, role })));
  const people = [...named("human", HUMAN, "user"), ...named("persona", PERSONA, "assistant")];
  // A name that both share identifies neither.
  return people.filter(({ name, role }) => !people.some((other) => other.name === name && other.role !== role));
}
