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

/** The name without its mark. */
export function shownName(name: string): string {
  return name.replace(MARK, "");
}
