import { MemGPTError } from "../errors.ts";

/** Characters of a message that name a turn. */
const EXCERPT = 40;
const LONGEST_CHECKPOINT_NAME = 64;

/** @throws MemGPTError `invalid_input` if `count` is not a whole number above 0. */
export function checkCount(count: number): void {
  if (Number.isSafeInteger(count) && count > 0) return;
  throw new MemGPTError("invalid_input", `${count} is not a whole number above 0. Nothing was changed.`);
}

/** @throws MemGPTError `invalid_input` if there is no text. */
export function checkText(text: unknown): void {
  if (typeof text === "string" && text.trim() !== "") return;
  throw new MemGPTError("invalid_input", "There is no text. Nothing was changed.");
}

/** A state with anything else in it could not be read again. @throws MemGPTError `invalid_input` if `text` is no string. */
export function checkString(text: unknown): void {
  if (typeof text === "string") return;
  throw new MemGPTError("invalid_input", `${String(text)} is not a text. Nothing was changed.`);
}

/** @throws MemGPTError `invalid_input` if `time` is not a time. */
export function checkTime(time: string | undefined): void {
  if (time === undefined || !Number.isNaN(Date.parse(time))) return;
  throw new MemGPTError(
    "invalid_input",
    `${JSON.stringify(time)} is not a time. Nothing was sent; write it as ISO 8601.`,
  );
}

/** The name as it is kept. @throws MemGPTError `invalid_input` for one that could not be told from a number or be shown. */
export function checkCheckpointName(name: string): string {
  const trimmed = name.trim().normalize("NFC");
  const good =
    trimmed !== "" && trimmed.length <= LONGEST_CHECKPOINT_NAME && !/^\d+$/.test(trimmed) && !/\p{Cc}/u.test(trimmed);
  if (good) return trimmed;
  throw new MemGPTError(
    "invalid_input",
    `${JSON.stringify(name.slice(0, 80))} cannot name a checkpoint: use at most ${LONGEST_CHECKPOINT_NAME} characters on one ` +
      "line, not only digits. Nothing was saved.",
  );
}

/** The beginning of a text on one line, in quotes. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  // Half of a character that takes two units is none.
  return `"${line.length <= EXCERPT ? line : `${line.slice(0, EXCERPT).replace(/[\ud800-\udbff]$/, "")}…`}"`;
}
