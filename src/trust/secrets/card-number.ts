/** Payment card numbers in `text`: 13 to 19 digits, grouped or not, of a known issuer and with a valid check digit. */
export function cardNumbers(text: string): { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const { 0: run, index } of text.matchAll(/(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d]|[.,-]\d)/g)) {
    const digits = run.replace(/\D/g, "");
    if (ISSUER.test(digits) && hasCheckDigit(digits)) found.push({ from: index, to: index + run.length });
  }
  return found;
}

/** First digits and lengths of Visa, Mastercard, American Express, Discover, Diners Club, JCB, UnionPay and Maestro. */
const ISSUER =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12,14}|3[47]\d{13}|6(?:011|4[4-9]|5)\d{12,16}|3(?:0[0-5]|[689])\d{11,16}|35\d{14,17}|62\d{14,17}|(?:50|5[6-9]|6[0-9])\d{11,17})$/;

/** @source ISO/IEC 7812-1, annex B: the Luhn formula */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
