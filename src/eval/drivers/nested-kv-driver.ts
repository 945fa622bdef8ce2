import { Driver, type Found, say, search } from "./driver.ts";

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Follows a chain of `key = …, value = …` through archival memory, with one exact search per key, to a value that is not a key. */
export class NestedKvDriver extends Driver {
  readonly model = "nested-kv-driver";

  protected next(task: string, found: Found | undefined): ReturnType<typeof say> {
    if (found === undefined) return search(`"${task.match(UUID)?.at(-1) ?? ""}"`);
    const key = found.query.replaceAll('"', "");
    const pair = new RegExp(`key = ${key}, value = ([^\\s,]+)`);
    const value = found.texts.map((text) => pair.exec(text)?.[1]).find((match) => match !== undefined);
    return value === undefined ? say(key) : search(`"${value}"`);
  }
}
