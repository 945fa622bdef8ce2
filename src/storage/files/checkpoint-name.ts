import { shownTime } from "../../time/format.ts";

/** A time in UTC, with `-` for `:`, which file systems refuse. `kept` is in the name so that no file must be read for it. */
const NAME = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d(?:\.\d+)?Z)(?:\.kept)?\.json$/;

/**
 * The name of a checkpoint written at `time`, when `last` is the newest: `2026-11-21T12-00-00.000Z.json`, or `….kept.json` for
 * one that is kept forever. Names must sort by age even if the clock is set back, so it is moved past `last` if necessary.
 */
export function nextName(time: string, kept: boolean, last: string | undefined): string {
  const earliest = last === undefined ? 0 : timeOf(last) + 1;
  const moment = new Date(Math.max(Date.parse(time), earliest)).toISOString().replaceAll(":", "-");
  return `${moment}${kept ? ".kept" : ""}.json`;
}

/** Milliseconds since 1970 of the time in a checkpoint's name; 0 without one. */
export function timeOf(file: string): number {
  return moment(file) ?? 0;
}

/** How a checkpoint is shown to people: by the time it was written, in local time. */
export function shownTimeOf(file: string): string {
  return shownTime(timeOf(file));
}

/** Whether a file of this name is a checkpoint, and not something that a person put there. */
export function isCheckpointName(file: string): boolean {
  return moment(file) !== undefined;
}

/** Whether a checkpoint of this name is kept forever. */
export function isKept(file: string): boolean {
  return file.endsWith(".kept.json");
}

function moment(file: string): number | undefined {
  const [, day = "", hour = "", minute = "", second = ""] = NAME.exec(file) ?? [];
  const at = Date.parse(`${day}T${hour}:${minute}:${second}`);
  return Number.isNaN(at) ? undefined : at;
}
