import * as z from "zod";
import type { CallAnswer } from "../../index.ts";
import type { AnswerTo, WaitingCall } from "../house/answers.ts";
import { textContent, textOf } from "./agent-requests.ts";
import { messageIdOf } from "./parts.ts";

const status = z.enum(["success", "error"]).nullish();
const lines = z.array(z.string()).nullish();

/** Fields of messages of type `approval` and `tool_return`. */
export const approvalFields = {
  approvals: z
    .array(
      z.looseObject({
        type: z.string().nullish(),
        tool_call_id: z.string(),
        approve: z.boolean().nullish(),
        reason: z.string().nullish(),
        tool_return: textContent.nullish(),
        status,
        stdout: lines,
        stderr: lines,
      }),
    )
    .max(100)
    .nullish(),
  tool_returns: z
    .array(z.looseObject({ tool_call_id: z.string(), tool_return: textContent.nullish(), status }))
    .max(100)
    .nullish(),
  approve: z.boolean().nullish(),
  approval_request_id: z.string().nullish(),
  reason: z.string().nullish(),
};
type ApprovalMessage = z.output<z.ZodObject<typeof approvalFields>> & { readonly type?: string | null | undefined };
type Approval = NonNullable<ApprovalMessage["approvals"]>[number];

/** The answers to calls in a request; undefined if it has none. An old client sends one decision for all calls of a message. */
export function answersOf(messages: readonly ApprovalMessage[]): readonly AnswerTo[] | undefined {
  const answers = messages.flatMap((message): AnswerTo[] => {
    if (message.type === "tool_return") return (message.tool_returns ?? []).map(answerTo);
    if (message.type !== "approval") return [];
    if (message.approvals != null) return message.approvals.map(answerTo);
    const messageId = message.approval_request_id == null ? undefined : messageIdOf(message.approval_request_id);
    return [
      { callId: undefined, messageId, answer: (call) => decided(call, message.approve === true, message.reason) },
    ];
  });
  return answers.length === 0 ? undefined : answers;
}

function answerTo(approval: Approval): AnswerTo {
  const { tool_call_id: callId, tool_return, approve, reason } = approval;
  // The client has run it, whatever `type` says.
  if (tool_return != null) {
    const answer = {
      callId,
      status: approval.status === "error" ? "Failed" : "OK",
      output: outputOf(approval),
    } as const;
    return { callId, answer: () => answer };
  }
  return { callId, answer: (call) => decided(call, approve === true, reason) };
}

function outputOf({ tool_return, stderr }: Approval): string {
  const text = textOf(tool_return ?? "");
  const errors = (stderr ?? []).filter((line) => !text.includes(line));
  return [text, ...errors].filter((line) => line !== "").join("\n");
}

function decided(
  { callId, name, isOurs }: WaitingCall,
  approve: boolean,
  reason: string | null | undefined,
): CallAnswer {
  const failed = (output: string): CallAnswer => ({ callId, status: "Failed", output });
  if (!approve) return failed(`Not permitted. ${reason ?? "No reason was given."}`);
  if (isOurs) return { callId, approved: true };
  return failed(
    `${name} was approved, but this server does not run its users' tools. The client must run it and send the result.`,
  );
}
