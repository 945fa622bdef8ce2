import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../client/call.ts";
import { revision } from "../store/revision.ts";
import { counted } from "../text/counted.ts";
import { agentId, attempt } from "../store/view.ts";

type Use = Answer<"get /v1/agents/{agent_id}/window">;

const SECTIONS = [
  ["system", "Prompt"],
  ["functions", "Functions"],
  ["core_memory", "Core memory"],
  ["summary", "Summary of what left"],
  ["queue", "Conversation"],
] as const;

/** What the model sees in one look, by section, and what that cost. */
export function ContextPanel(): JSX.Element {
  const [use, setUse] = useState<Use | null>(null);
  const { value: id } = agentId;
  const { value: now } = revision;
  useEffect(() => {
    void attempt(async () => {
      setUse(await call("get /v1/agents/{agent_id}/window", { params: { agent_id: id } }));
    });
  }, [id, now]);
  if (use === null) return <p class="quiet">Reading…</p>;
  const { window: size, used, sections, warnAt, flushAt, queue, evicted, summary, model, spent } = use;
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
        At {warnAt.toLocaleString()} tokens the agent is warned, at {flushAt.toLocaleString()} the oldest leave.
      </p>
      {summary !== null && (
        <section class="block" aria-label="Summary">
          <h2>The summary that stands for them</h2>
          <pre class="seen" dir="auto" tabIndex={0}>
            {summary}
          </pre>
        </section>
      )}
      <Cost title="Since it was made" spent={spent.agent} />
      <Cost title="Since it was opened" spent={spent.session} />
    </>
  );
}

function Cost({ title, spent }: { readonly title: string; readonly spent: Use["spent"]["agent"] }): JSX.Element {
  const { requests, prompt, completion, cached, cost, unpriced } = spent;
  return (
    <section class="block" aria-label={title}>
      <h2>{title}</h2>
      {requests === 0 ? (
        <p class="quiet">No request was made to a model.</p>
      ) : (
        <p class="quiet">
          {counted(requests, "request")}, {prompt.toLocaleString()} tokens read ({cached.toLocaleString()} from a cache)
          , {completion.toLocaleString()} written. {priced(cost, requests, unpriced)}
        </p>
      )}
    </section>
  );
}

function priced(cost: number, requests: number, unpriced: number): string {
  if (unpriced === requests) return "Its model has no known price.";
  return `$${cost.toFixed(4)}${unpriced > 0 ? `, without ${unpriced} requests of unknown price` : ""}.`;
}
