/** The purpose of a hidden agent: nobody talks to it, and no list shows it. */
export type Service = "archive" | "thread";

const MARK = /\+(archive|thread)$/;

/** The name of a hidden agent. No other name ends like this, because the names people choose cannot contain `+`. */
export function hiddenName(name: string, service: Service): string {
  return `${name}+${service}`;
}

export function isHiddenName(name: string): boolean {
  return MARK.test(name);
}

/** Ends the name under which others search an agent's own passages. */
const PASSAGES = /\+passages$/;

/** The name under which an agent's passages are attached to others, like a source. No source is called so. */
export function archiveName(agent: string): string {
  return agent.endsWith("+archive") ? agent : `${agent}+passages`;
}

/** The agent whose passages are attached under `name`; undefined if a source is. */
export function agentBehind(name: string): string | undefined {
  if (name.endsWith("+archive")) return name;
  return PASSAGES.test(name) ? name.replace(PASSAGES, "") : undefined;
}

/** What the model calls an attached source or archive. */
export function calledByModel(source: string): string {
  return shownName(source).replace(PASSAGES, "");
}

/** The name without its mark. */
export function shownName(name: string): string {
  return name.replace(MARK, "");
}
