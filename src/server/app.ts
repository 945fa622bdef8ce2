import { secureHeaders } from "hono/secure-headers";
import { AgentHeldError } from "../index.ts";
import { adminRoutes } from "./admin/accounts.ts";
import { type Api, createApi } from "./http/api.ts";
import { documentRoutes } from "./http/documents.ts";
import { UNFORESEEN, errorFor, failureOf, noRoute } from "./http/failures.ts";
import { ElsewhereError } from "./house/elsewhere.ts";
import { Refusal } from "./house/refusal.ts";
import { type GuardOptions, authenticate, checkOrigin } from "./http/guard.ts";
import { type Log, observe } from "./http/observe.ts";
import { limitBody } from "./http/limit-body.ts";
import { passOn } from "./http/pass-on.ts";
import type { Service } from "./http/service.ts";
import { absentRoutes } from "./letta/absent.ts";
import { agentFileRoutes } from "./letta/agent-files.ts";
import { agentFolderRoutes } from "./letta/agent-folders.ts";
import { agentRoutes } from "./letta/agents.ts";
import { allMessageRoutes } from "./letta/all-messages.ts";
import { archiveRoutes } from "./letta/archives.ts";
import { blockRoutes } from "./letta/blocks.ts";
import { contextRoutes } from "./letta/context.ts";
import { conversationRoutes } from "./letta/conversations.ts";
import { coreMemoryRoutes } from "./letta/core-memory.ts";
import { folderRoutes } from "./letta/folders.ts";
import { healthRoutes } from "./letta/health.ts";
import { identityRoutes } from "./letta/identities.ts";
import { messageRoutes } from "./letta/messages.ts";
import { passageRoutes } from "./letta/passages.ts";
import { runRoutes } from "./letta/runs.ts";
import { stepRoutes } from "./letta/steps.ts";
import { agentToolRoutes } from "./letta/agent-tools.ts";
import { toolRoutes } from "./letta/tools.ts";
import { mcpRoutes } from "./mcp/routes.ts";
import { chatRoutes as openaiChatRoutes } from "./openai/chat.ts";
import { openaiModelRoutes } from "./openai/models.ts";
import { responseRoutes } from "./openai/responses.ts";
import { chatRoutes } from "./own/chat.ts";
import { commandRoutes } from "./own/commands.ts";
import { libraryRoutes } from "./own/library.ts";
import { ownMemoryRoutes } from "./own/core-memory.ts";
import { forgetRoutes } from "./own/forget.ts";
import { functionRoutes } from "./own/functions.ts";
import { importRoutes } from "./own/imports.ts";
import { pageRoutes } from "./own/page.ts";
import { settingsRoutes } from "./own/settings.ts";
import { sourceRoutes } from "./own/sources.ts";
import { timeTravelRoutes } from "./own/time-travel.ts";

/** Largest request body in bytes: in general, and for uploads. */
const MOST_BYTES = 4_000_000;
const MOST_FILE_BYTES = 64_000_000;
const UPLOAD =
  /^\/v1\/(agents\/import|agents\/[^/]+\/documents|import(\/preview)?|folders\/[^/]+\/upload|sources\/[^/]+\/upload)\/?$/;

export type AppOptions = GuardOptions & { readonly log: Log; readonly version: string };

/** The app with every route and its middleware. */
export function createApp(service: Omit<Service, "api">, options: AppOptions): Api {
  const api = createApi();
  const { accounts, owners, metrics } = service;
  const { log } = options;
  api.use(observe(metrics, log));
  api.use(secureHeaders());
  api.use(checkOrigin(options, accounts));
  api.use(authenticate(accounts, owners, options));
  const upTo = (bytes: number): ReturnType<typeof limitBody> =>
    limitBody(bytes, () => {
      const most = `${bytes / 1e6} MB`;
      throw new Refusal(413, "too_large", `The request body is larger than the limit of ${most}. Nothing was done.`);
    });
  const [small, large] = [upTo(MOST_BYTES), upTo(MOST_FILE_BYTES)];
  api.use(async (c, next) => (UPLOAD.test(c.req.path) ? large : small)(c, next));
  api.notFound((c) => {
    throw noRoute(c.req);
  });
  api.onError(async (caught, c) => {
    const mayPass = caught instanceof AgentHeldError || caught instanceof ElsewhereError;
    const passed = mayPass ? await passOn(c, caught) : undefined;
    if (passed instanceof Response) return passed;
    const error = passed ?? caught;
    const failure = failureOf(error) ?? malformed(error) ?? UNFORESEEN;
    if (failure === UNFORESEEN)
      log({ level: "error", event: "failure", requestId: c.get("requestId"), stack: error.stack });
    return c.json(errorFor(c.req.path, failure), failure.status, failure.headers);
  });

  const all: Service = { api, ...service };
  for (const routes of [
    healthRoutes,
    absentRoutes,
    agentFileRoutes,
    agentRoutes,
    messageRoutes,
    allMessageRoutes,
    blockRoutes,
    coreMemoryRoutes,
    passageRoutes,
    toolRoutes,
    agentToolRoutes,
    archiveRoutes,
    runRoutes,
    stepRoutes,
    conversationRoutes,
    folderRoutes,
    agentFolderRoutes,
    identityRoutes,
    openaiModelRoutes,
    openaiChatRoutes,
    responseRoutes,
    adminRoutes,
    contextRoutes,
    timeTravelRoutes,
    commandRoutes,
    ownMemoryRoutes,
    forgetRoutes,
    functionRoutes,
    importRoutes,
    settingsRoutes,
    sourceRoutes,
    libraryRoutes,
    mcpRoutes,
  ]) {
    routes(all);
  }
  chatRoutes(all, options.version);
  pageRoutes(all);
  documentRoutes(all, options.version);
  return api;
}

/** The failure for a body that hono could not parse; undefined for any other error. */
function malformed(error: Error): ReturnType<typeof failureOf> {
  if (!("status" in error)) return undefined;
  const headers = {};
  if (error.status === 415) {
    return {
      status: 415,
      code: "invalid_input",
      detail: "This route does not accept this content-type.",
      headers,
    };
  }
  if (error.status !== 400) return undefined;
  const detail = [{ loc: ["body"], msg: error.message, type: "json_invalid" }];
  return { status: 422, code: "invalid_input", detail, headers };
}
