// Events and calls as the original packed them, in every file of its agents and its successors'.

/** What a person said. Logins, heartbeats and alerts are packed like a message and are none. */
export function unpacked(content: string): string | undefined {
  const packed = objectIn(content);
  if (packed === undefined || typeof packed["type"] !== "string") return content;
  return packed["type"] === "user_message" && typeof packed["message"] === "string" ? packed["message"] : undefined;
}

/** What the agent said in the arguments of `send_message`. */
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
