import { signal } from "@preact/signals";
import { type Answer, CallError, call } from "../client/call.ts";
import type { Connection } from "../client/follow.ts";

/** Who is signed in; null while that is not known, or if a key is needed. */
export const caller = signal<Answer<"get /v1/session"> | null>(null);
export const connection = signal<Connection>("connecting");

/** Finds out who asks. @returns whether the server lets them in. */
export async function findCaller(): Promise<boolean> {
  try {
    caller.value = await call("get /v1/session", {});
    return true;
  } catch (error) {
    caller.value = null;
    connection.value = error instanceof CallError && error.status === 401 ? "denied" : "lost";
    return false;
  }
}

/** Exchanges a key for a cookie that no script can read. @throws CallError */
export async function signIn(key: string): Promise<void> {
  await call("post /v1/session", { key });
}

export async function signOut(): Promise<void> {
  await call("delete /v1/session", {});
  caller.value = null;
  connection.value = "denied";
}
