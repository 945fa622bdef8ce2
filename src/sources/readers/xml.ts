/** Why a text is not XML, such as `is not valid XML at line 3, column 14`; undefined if it is. */
export async function damageOfXml(xml: string): Promise<string | undefined> {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the package it moved to would be one more, for the same code
  const { XMLValidator } = await import("fast-xml-parser");
  const found = XMLValidator.validate(xml.replace(/^\ufeff/, ""));
  if (found === true) return undefined;
  const { code, line, col } = found.err;
  // For an unclosed element, the validator gives no position.
  return code === "InvalidXml"
    ? "is empty or breaks off before its end"
    : `is not valid XML at line ${line}, column ${col}`;
}
