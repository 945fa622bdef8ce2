import type { TurnFrame } from "../server/wire/library-contracts.ts";
import { Unreachable } from "./connection.ts";

/** Longer silence means that the connection is dead: the server pings every 20 seconds. */
const SILENCE_MS = 50_000;

/** The frames of a stream of server-sent events. @throws Unreachable if it breaks off. */
export async function* framesOf({ body }: Response): AsyncGenerator<TurnFrame, void, void> {
  if (body === null) throw new Unreachable(new Error("the stream is empty"));
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read());
      if (done) throw new Unreachable(new Error("the stream broke off"));
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const data = part.split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []));
        if (data.length > 0) yield JSON.parse(data.join("\n")) as TurnFrame;
      }
    }
  } catch (error) {
    throw error instanceof Unreachable ? error : new Unreachable(error);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function withinSilence<T>(reading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Unreachable(new Error("the stream is silent")));
    }, SILENCE_MS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}
