/** Upper bounds of the histogram of durations, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts for Prometheus. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #durations = BOUNDS.map(() => 0);
  #count = 0;
  #seconds = 0;
  #open = 0;
  readonly #turns = new Map<string, number>();
  readonly #tokens = { prompt: 0, completion: 0 };

  begin(): void {
    this.#open += 1;
  }

  end(labels: { readonly method: string; readonly route: string; readonly status: number }, seconds: number): void {
    this.#open -= 1;
    const { method, route, status } = labels;
    const key = `method="${method}",route="${route}",status="${status}"`;
    this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    for (const [index, bound] of BOUNDS.entries()) {
      if (seconds <= bound) this.#durations[index] = (this.#durations[index] ?? 0) + 1;
    }
    this.#count += 1;
    this.#seconds += seconds;
  }

  turn(outcome: string, tokens: { readonly prompt: number; readonly completion: number }): void {
    this.#turns.set(outcome, (this.#turns.get(outcome) ?? 0) + 1);
    this.#tokens.prompt += tokens.prompt;
    this.#tokens.completion += tokens.completion;
  }

  /** @param residents Agents that are open. */
  text(residents: number): string {
    const lines = (name: string, type: string, rows: readonly string[]): string[] => [
      `# TYPE ${name} ${type}`,
      ...rows,
    ];
    const seconds = "memgpt_request_duration_seconds";
    return [
      ...lines(
        "memgpt_requests_total",
        "counter",
        [...this.#requests].map(([labels, count]) => `memgpt_requests_total{${labels}} ${count}`),
      ),
      ...lines(seconds, "histogram", [
        ...BOUNDS.map((bound, index) => `${seconds}_bucket{le="${bound}"} ${this.#durations[index] ?? 0}`),
        `${seconds}_bucket{le="+Inf"} ${this.#count}`,
        `${seconds}_sum ${this.#seconds.toFixed(3)}`,
        `${seconds}_count ${this.#count}`,
      ]),
      ...lines("memgpt_requests_open", "gauge", [`memgpt_requests_open ${this.#open}`]),
      ...lines(
        "memgpt_turns_total",
        "counter",
        [...this.#turns].map(([outcome, count]) => `memgpt_turns_total{outcome="${outcome}"} ${count}`),
      ),
      ...lines("memgpt_tokens_total", "counter", [
        `memgpt_tokens_total{kind="prompt"} ${this.#tokens.prompt}`,
        `memgpt_tokens_total{kind="completion"} ${this.#tokens.completion}`,
      ]),
      ...lines("memgpt_agents_open", "gauge", [`memgpt_agents_open ${residents}`]),
      ...lines("memgpt_memory_bytes", "gauge", [`memgpt_memory_bytes ${process.memoryUsage.rss()}`]),
      "",
    ].join("\n");
  }
}
