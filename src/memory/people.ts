import type { Block } from "../schema/state.ts";
import type { Person } from "../schema/person.ts";

const NAME = String.raw`(\p{Lu}[\p{L}'’-]+)`;

/** How blocks say it: `First name: Chad`, `Name: Ana`, `her name is Ana`, `goes by Ana`; `My name is Sam`, `I'm Sam`. */
const HUMAN = new RegExp(String.raw`(?:\b[Nn]ame(?:\s+is|\s*:)|\bcalled|\bgoes by)\s+${NAME}`, "gu");
const PERSONA = new RegExp(String.raw`(?:\b[Mm]y name is|\bI am|\bI['’]m|\b[Nn]ame:|\bcalled)\s+${NAME}`, "gu");

/** The names of the person and of the agent, as far as core memory says them. */
export function peopleIn(blocks: readonly Block[]): Person[] {
  const named = (label: string, pattern: RegExp, role: Person["role"]): Person[] =>
    blocks
      .filter((block) => block.label === label)
      .flatMap(({ value }) => [...value.matchAll(pattern)].map(([, name = ""]) => ({ name, role })));
  const people = [...named("human", HUMAN, "user"), ...named("persona", PERSONA, "assistant")];
  // A name that both have says nothing.
  return people.filter(({ name, role }) => !people.some((other) => other.name === name && other.role !== role));
}
