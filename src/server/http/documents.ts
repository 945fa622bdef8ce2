import { html } from "hono/html";
import type { Service } from "./service.ts";
import { requireAdmin } from "./guard.ts";

/** The server about itself: its routes as OpenAPI and as a page, health, and metrics. */
export function documentRoutes({ api, owners, metrics }: Service, version: string): void {
  const info = {
    title: "memgpt",
    version,
    description: "Agents that remember: Letta's API, OpenAI's, and memgpt's own.",
  };
  api.doc31("/openapi.json", { openapi: "3.1.0", info });
  api.openAPIRegistry.registerComponent("securitySchemes", "key", { type: "http", scheme: "bearer" });

  api.get("/health", (c) => c.json({ status: "ok", name: "memgpt", version }));
  api.get("/ready", (c) => c.json({ status: "ok" }));
  api.get("/metrics", requireAdmin(), (c) =>
    c.text(metrics.text(owners.host.residents.length), 200, { "content-type": "text/plain; version=0.0.4" }),
  );

  api.get("/docs", (c) => {
    const { paths = {} } = api.getOpenAPI31Document({ openapi: "3.1.0", info });
    const rows = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, ...(operation as Operation) })),
    );
    const names = [...new Set(rows.map(({ tags }) => tags?.[0] ?? "Other"))];
    const sections = names.map(
      (name) =>
        html`<h2>${name}</h2>
          <table>
            ${rowsOf(rows, name).map(
              ({ path, method, summary }) =>
                html`<tr>
                  <td><code>${method.toUpperCase()}</code></td>
                  <td><code>${path}</code></td>
                  <td>${summary ?? ""}</td>
                </tr>`,
            )}
          </table>`,
    );
    return c.html(
      html`<!doctype html>
        <html lang="en">
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>memgpt ${version}: routes</title>
          <h1>memgpt ${version}</h1>
          <p>Every route. Requests and responses are described in <a href="/openapi.json">OpenAPI</a>.</p>
          ${sections}
        </html>`,
    );
  });
}

function rowsOf<T extends Operation>(rows: readonly T[], name: string): T[] {
  return rows.filter(({ tags }) => (tags?.[0] ?? "Other") === name);
}

type Operation = { readonly tags?: readonly string[]; readonly summary?: string };
