import { MONTH_NAME, SEASON } from "./calendar.ts";

const YEAR = "(?:,? \\d{4})?";
const ORDINAL = "\\d{1,2}(?:st|nd|rd|th)?";
const DATE = `\\d{4}-\\d\\d(?:-\\d\\d)?|${ORDINAL}(?: of)? ${MONTH_NAME}${YEAR}|${MONTH_NAME} ${ORDINAL}${YEAR}`;

/** Source of a regular expression for `3 May`, `May 3rd`, `3 May 1990`. */
export const CALENDAR_DAY = `(?:the )?(?:${DATE})`;

/**
 * Words of a question that only say when. Fewer than the grammar knows, because seasons and holidays are topics, too.
 */
export const WHEN = new RegExp(
  `(?<![\\p{L}\\d-])(?:${DATE}|yesterday|today|[\\p{L}\\d]{1,9} (?:day|week|month|year)s? ago|(?:in|since|during) (?:${MONTH_NAME}${YEAR}|\\d{4})|` +
    `(?:last|this) (?:week|weekend|month|year|${SEASON}|${MONTH_NAME}|\\p{L}+day))(?![\\p{L}\\d])`,
  "giu",
);
