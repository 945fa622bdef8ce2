import { signal } from "@preact/signals";
import { type Answer, call, denials } from "../client/call.ts";
import type { Connection } from "../client/follow.ts";

/** The signed-in user; null while unknown, or if a key is required. */
export const caller = signal<Answer<"get /v1/session"> | null>(null);
export const connection = signal<Connection>("connecting");

/** Reads who is signed in. @returns whether the server accepts them. */
export async function findCaller(): Promise<boolean> {
  try {
    caller.value = await call("get /v1/session", {});
    return true;
  } catch {
    caller.value = null;
    if (connection.value !== "denied") connection.value = "lost";
    return false;
  }
}

/** Exchanges a key for a cookie that scripts cannot read. @throws CallError */
export async function signIn(key: string): Promise<void> {
  await call("post /v1/session", { key });
}

export async function signOut(): Promise<void> {
  await call("delete /v1/session", {});
  caller.value = null;
  denials.dispatchEvent(new Event("denied"));
}
