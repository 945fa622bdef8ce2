import type { JSX } from "preact";
import { type Answer, call } from "../client/call.ts";
import { useAnswer } from "../parts/use-answer.tsx";
import { counted } from "../text/counted.ts";
import { showMessage, transcript } from "../store/conversation.ts";
import { agentId, attempt } from "../store/view.ts";

type Use = Answer<"get /v1/agents/{agent_id}/window">;

const SECTIONS = [
  ["system", "Prompt"],
  ["functions", "Functions"],
  ["core_memory", "Core memory"],
  ["summary", "Summary of what left"],
  ["queue", "Conversation"],
] as const;

/** The model's context by section, and its cost. */
export function ContextPanel(): JSX.Element {
  const { value: id } = agentId;
  const [use, , waiting] = useAnswer(
    async () => call("get /v1/agents/{agent_id}/window", { params: { agent_id: id } }),
    [id],
  );
  if (use === null) return waiting;
  const { window: size, used, sections, warnAt, flushAt, queue, evicted, summary, model, spent } = use;
  const first = transcript.value?.contextFrom ?? null;
  const share = (tokens: number): string => `${((tokens / size) * 100).toFixed(2)}%`;
  return (
    <>
      <p>
        <b>{used.toLocaleString()}</b> of {size.toLocaleString()} tokens in view of <code>{model}</code>
      </p>
      <div class="window" role="img" aria-label={`${share(used)} of the context window is in use`}>
        {SECTIONS.map(([name]) => (
          <span key={name} class={`part ${name}`} style={{ width: share(sections[name]) }} />
        ))}
        <i style={{ insetInlineStart: share(warnAt) }} title="The agent is warned here" />
        <i style={{ insetInlineStart: share(flushAt) }} title="The oldest messages leave here" />
      </div>
      <table class="figures">
        <caption class="quiet">Tokens by section</caption>
        <tbody>
          {SECTIONS.map(([name, label]) => (
            <tr key={name}>
              <th scope="row">
                <span class={`swatch ${name}`} aria-hidden="true" /> {label}
              </th>
              <td>{sections[name].toLocaleString()}</td>
              <td>{share(sections[name])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {queue.toLocaleString()} messages are in context; {evicted.toLocaleString()} have left it and can be searched.
        At {warnAt.toLocaleString()} tokens the agent is warned, at {flushAt.toLocaleString()} the oldest leave.{" "}
        {first !== null && (
          <button type="button" class="plain" onClick={() => void attempt(() => showMessage(first))}>
            Show the first in context
          </button>
        )}
      </p>
      {summary !== null && (
        <section class="block" aria-label="Summary">
          <h2>Their summary</h2>
          <pre class="seen" dir="auto" tabIndex={0}>
            {summary}
          </pre>
        </section>
      )}
      <Costs spent={spent} />
    </>
  );
}

/** Cost in total, and since the agent was opened if that differs. */
function Costs({ spent: { agent, session } }: Pick<Use, "spent">): JSX.Element {
  return (
    <>
      <section class="block" aria-label="Cost">
        <h2>Cost since it was created</h2>
        {agent.requests === 0 ? <p class="quiet">No request was made to a model.</p> : <Cost spent={agent} />}
      </section>
      {session.requests > 0 && session.requests < agent.requests && (
        <section class="block" aria-label="Cost since it was opened">
          <h2>Of that, since it was opened</h2>
          <Cost spent={session} />
        </section>
      )}
    </>
  );
}

function Cost({ spent }: { readonly spent: Use["spent"]["agent"] }): JSX.Element {
  const { requests, prompt, completion, cached, cost, unpriced } = spent;
  return (
    <p class="quiet">
      {counted(requests, "request")}, {prompt.toLocaleString()} tokens read ({cached.toLocaleString()} from a cache),{" "}
      {completion.toLocaleString()} written. {priced(cost, requests, unpriced)}
    </p>
  );
}

function priced(cost: number, requests: number, unpriced: number): string {
  if (unpriced === requests) return "Its model has no known price.";
  return `$${cost.toFixed(4)}${unpriced > 0 ? `, without ${unpriced} requests of unknown price` : ""}.`;
}
