import * as z from "zod";
import { SEND_MESSAGE } from "../schema/built-in.ts";
import { defineFunction } from "./define.ts";
import { pauseHeartbeatsUntil, speak } from "./effects.ts";

/** @source original's MAX_PAUSE_HEARTBEATS, in minutes */
const MAX_PAUSE_MINUTES = 360;

export const sendMessage = defineFunction({
  name: SEND_MESSAGE,
  kind: "plain",
  description: "Sends a message to the person. Nothing else you write reaches them.",
  parameters: z.object({ message: z.string().describe("What to say, any text.") }),
  heartbeat: false,
  run({ message }) {
    if (message.trim() === "") throw new Error("the message is empty");
    return { output: null, effects: [speak(message)] };
  },
});

export const pauseHeartbeats = defineFunction({
  name: "pause_heartbeats",
  kind: "plain",
  description: "Stops timed heartbeats for a while. Messages from the person still arrive.",
  parameters: z.object({
    minutes: z.coerce.number().int().min(0).describe(`How long; at most ${MAX_PAUSE_MINUTES}.`),
  }),
  heartbeat: false,
  run({ minutes }, { now }) {
    const paused = Math.min(minutes, MAX_PAUSE_MINUTES);
    const until = new Date(Date.parse(now) + paused * 60_000).toISOString();
    return {
      output: `Timed heartbeats are paused for ${paused} minutes`,
      effects: [pauseHeartbeatsUntil(until)],
    };
  },
});
