import * as z from "zod";
import { type Contract, libraryType } from "./contract.ts";
import { transcriptShape } from "./entries.ts";
import type { FeedEvent } from "./feed.ts";

const tag = "Page";

/** The page: session, events, agents, transcripts and turns. */
export const CHAT_CONTRACTS = {
  whoami: {
    method: "get",
    path: "/v1/session",
    tag,
    summary: "The caller, and facts about the server.",
    answer: z.object({
      user: z.object({ id: z.string(), name: z.string() }),
      isAdmin: z.boolean(),
      needsKey: z.boolean(),
      version: z.string(),
      model: z.string(),
    }),
    gives: "The caller.",
  },
  signIn: {
    method: "post",
    path: "/v1/session",
    tag,
    summary: "Stores the request's key in a cookie that scripts cannot read, for the page.",
    answer: z.object({}),
    gives: "The cookie is set.",
  },
  signOut: {
    method: "delete",
    path: "/v1/session",
    tag,
    summary: "Removes the cookie with the key.",
    answer: z.object({}),
    gives: "The cookie is removed.",
  },
  events: {
    method: "get",
    path: "/v1/events",
    tag,
    summary: "What the caller's agents do, as it happens. A running turn is repeated from its start.",
    answer: libraryType<FeedEvent>(),
    gives: "Server-sent events, for as long as the client listens.",
  },
  roster: {
    method: "get",
    path: "/v1/roster",
    tag,
    summary: "The caller's agents in brief, last used first.",
    answer: z.array(
      z.object({ id: z.string(), name: z.string(), createdAt: z.string(), usedAt: z.string(), isBusy: z.boolean() }),
    ),
    gives: "All of them.",
  },
  transcript: {
    method: "get",
    path: "/v1/agents/{agent_id}/transcript",
    tag,
    summary: "The conversation as people read it: the newest part, or the part before, after or around a message.",
    query: z.object({
      before: z.string().max(200).optional(),
      after: z.string().max(200).optional(),
      around: z.string().max(200).optional(),
      size: z.coerce.number().int().min(1).max(200).default(50),
    }),
    answer: transcriptShape,
    gives: "Part of the conversation, oldest first.",
  },
  turn: {
    method: "post",
    path: "/v1/agents/{agent_id}/turns",
    tag,
    summary:
      "Starts a turn: sends a message, edits an earlier one, answers calls that wait for consent, retries the last message, or continues. The output arrives as events.",
    body: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("send"), message: z.string().min(1) }),
      z.object({ kind: z.literal("edit"), id: z.string(), message: z.string().min(1) }),
      z.object({
        kind: z.literal("answer"),
        answers: z
          .array(z.object({ callId: z.string(), allow: z.boolean() }))
          .min(1)
          .max(100),
      }),
      z.object({ kind: z.literal("retry") }),
      z.object({ kind: z.literal("continue") }),
    ]),
    answer: z.object({ run: z.string() }),
    gives: "The run's id.",
  },
  stop: {
    method: "post",
    path: "/v1/agents/{agent_id}/stop",
    tag,
    summary: "Stops what the agent is doing. Finished steps are kept.",
    answer: z.object({ stopped: z.number().int() }),
    gives: "The number of stopped turns.",
  },
  command: {
    method: "post",
    path: "/v1/agents/{agent_id}/command",
    tag: "Memory over time",
    summary: 'Runs a chat command, such as "/undo 2". The error for an unknown one lists all commands.',
    body: z.object({ command: z.string().min(1).max(100_000) }),
    answer: z.object({ command: z.string(), result: z.unknown() }),
    gives: "The command's name and result.",
  },
} as const satisfies Readonly<Record<string, Contract>>;
