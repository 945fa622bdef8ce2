import { MONTH_NAME, SEASON } from "./calendar.ts";

const YEAR = "(?:,? \\d{4})?";
const ORDINAL = "\\d{1,2}(?:st|nd|rd|th)?";
const DATE = `\\d{4}-\\d\\d(?:-\\d\\d)?|${ORDINAL}(?: of)? ${MONTH_NAME}${YEAR}|${MONTH_NAME} ${ORDINAL}${YEAR}`;

/** `3 May`, `May 3rd`, `3 May 1990`, as a regular expression's source. */
export const CALENDAR_DAY = `(?:the )?(?:${DATE})`;

/** The words of a question that only say when: less than the grammar knows, since a season or a holiday is a topic, too. */
export const WHEN = new RegExp(
  `(?<![\\p{L}\\d-])(?:${DATE}|yesterday|today|[\\p{L}\\d]{1,9} (?:day|week|month|year)s? ago|(?:in|since|during) (?:${MONTH_NAME}${YEAR}|\\d{4})|` +
    `(?:last|this) (?:week|weekend|month|year|${SEASON}|${MONTH_NAME}|\\p{L}+day))(?![\\p{L}\\d])`,
  "giu",
);
