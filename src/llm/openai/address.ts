import type { Connection } from "../../schema/connection.ts";
import { isLoopback } from "../../schema/loopback.ts";
import { OPENAI_ENDPOINT } from "../endpoint.ts";

/** Newest `api-version` that is not a preview. @source https://learn.microsoft.com/azure/ai-services/openai/api-version-lifecycle */
const AZURE_VERSION = "2024-10-21";

/** A server's address, taken apart for the `openai` client. */
export type Address = {
  readonly kind: "openai" | "azure" | "other";
  /** The URL to which the protocol's paths are appended, without a query. */
  readonly base: string;
  readonly query: Readonly<Record<string, string>>;
  /** `api-version`, if the paths name a deployment. */
  readonly azureVersion: string | null;
  /** As shown to people: without credentials. */
  readonly label: string;
};

/** @throws TypeError if the endpoint is not a URL. */
export function addressOf({ endpoint, apiVersion }: Pick<Connection, "endpoint" | "apiVersion">): Address {
  const url = new URL(endpoint ?? OPENAI_ENDPOINT);
  const label = `${url.origin}${url.pathname}`.replace(/\/$/, "");
  // People paste a request's whole URL from documentation.
  const path = url.pathname.replace(/(\/chat\/completions|\/embeddings)?\/*$/, "");
  const query = Object.fromEntries(url.searchParams);
  if (apiVersion !== null || /\.(openai|cognitiveservices|services\.ai)\.azure\.com$/i.test(url.hostname)) {
    return { kind: "azure", label, ...azurePlace(url.origin, path, query, apiVersion) };
  }
  // Local servers serve the protocol at /v1, which people leave out.
  const base = `${url.origin}${path === "" && isLoopback(url) ? "/v1" : path}`;
  return { kind: url.hostname === "api.openai.com" ? "openai" : "other", base, query, azureVersion: null, label };
}

/** @source https://learn.microsoft.com/azure/ai-services/openai/reference */
function azurePlace(
  origin: string,
  path: string,
  { "api-version": named, ...query }: Readonly<Record<string, string>>,
  apiVersion: string | null,
): Pick<Address, "base" | "query" | "azureVersion"> {
  const isVersionless = /\/openai\/v1$/.test(path) && apiVersion === null;
  if (isVersionless) return { base: `${origin}${path}`, query, azureVersion: null };
  const deployment = /^.*\/deployments\/[^/]+/.exec(path)?.[0];
  return { base: `${origin}${deployment ?? "/openai"}`, query, azureVersion: apiVersion ?? named ?? AZURE_VERSION };
}
