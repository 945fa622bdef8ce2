// Events and calls, as packed by the original MemGPT and its successors.

/** A person's words; undefined for logins, heartbeats and alerts, which are packed the same way. */
export function unpacked(content: string): string | undefined {
  const packed = objectIn(content);
  if (packed === undefined || typeof packed["type"] !== "string") return content;
  return packed["type"] === "user_message" && typeof packed["message"] === "string" ? packed["message"] : undefined;
}

/** The message in the arguments of `send_message`. */
export function argumentText(json: string): string | undefined {
  const message = objectIn(json)?.["message"];
  return typeof message === "string" ? message : undefined;
}

export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
