import type { ModelOptions } from "../../schema/state.ts";
import { isLoopback } from "./proxy.ts";

export const OPENAI_ENDPOINT = "https://api.openai.com/v1";

/** Newest `api-version` that is no preview. @source https://learn.microsoft.com/azure/ai-services/openai/api-version-lifecycle */
const AZURE_VERSION = "2024-10-21";

/** What a server is asked for, as its paths name it. */
export type Service = "chat/completions" | "embeddings";

/** Where a service of one model is. */
export type Endpoint = {
  readonly kind: "openai" | "azure" | "other";
  readonly url: URL;
  /** As a person may read it: without credentials. */
  readonly label: string;
  readonly authorization: Readonly<Record<string, string>>;
};

export type EndpointOptions = {
  readonly endpoint: string | null;
  readonly model: string;
  readonly apiKey: string | null;
  readonly apiVersion: ModelOptions["apiVersion"];
  readonly service: Service;
};

/** @throws TypeError if the endpoint is no URL. */
export function endpointOf({ endpoint, model, apiKey, apiVersion, service }: EndpointOptions): Endpoint {
  const base = new URL(endpoint ?? OPENAI_ENDPOINT);
  const label = labelOf(base);
  base.hash = "";
  // What is pasted from a documentation page often goes all the way.
  base.pathname = base.pathname.replace(/(\/chat\/completions|\/embeddings)?\/*$/, "");
  if (apiVersion !== null || /\.(openai|cognitiveservices|services\.ai)\.azure\.com$/i.test(base.hostname)) {
    const authorization = apiKey === null ? {} : { "api-key": apiKey };
    return { kind: "azure", url: azureUrl(base, { model, apiVersion, service }), label, authorization };
  }
  // Every local server has its protocol there, and people give its address without.
  if (base.pathname === "/" && isLoopback(base)) base.pathname = "/v1";
  base.pathname = `${base.pathname.replace(/\/$/, "")}/${service}`;
  const authorization = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
  return { kind: base.hostname === "api.openai.com" ? "openai" : "other", url: base, label, authorization };
}

/** @source https://learn.microsoft.com/azure/ai-services/openai/reference */
function azureUrl(
  base: URL,
  { model, apiVersion, service }: Pick<EndpointOptions, "model" | "apiVersion" | "service">,
): URL {
  const url = new URL(base);
  const isVersionless = /\/openai\/v1$/.test(base.pathname) && apiVersion === null;
  const deployment = /^.*\/deployments\/[^/]+/.exec(base.pathname)?.[0];
  const path = isVersionless ? base.pathname : (deployment ?? `/openai/deployments/${encodeURIComponent(model)}`);
  url.pathname = `${path}/${service}`;
  if (isVersionless) return url;
  url.searchParams.set("api-version", apiVersion ?? base.searchParams.get("api-version") ?? AZURE_VERSION);
  return url;
}

function labelOf(base: URL): string {
  return `${base.origin}${base.pathname}`.replace(/\/$/, "");
}
