import * as z from "zod";
import { defineFunction } from "./define.ts";

/** @source original's MAX_PAUSE_HEARTBEATS, in minutes */
const MAX_PAUSE_MINUTES = 360;

export const sendMessage = defineFunction({
  name: "send_message",
  description: "Sends a message to the person. Nothing else you write reaches them.",
  parameters: z.object({ message: z.string().describe("What to say, any text.") }),
  heartbeat: false,
  run({ message }) {
    if (message.trim() === "") throw new Error("the message is empty");
    return { output: null, effects: [{ type: "send_message", text: message }] };
  },
});

export const pauseHeartbeats = defineFunction({
  name: "pause_heartbeats",
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
      effects: [{ type: "pause_heartbeats", until }],
    };
  },
});
