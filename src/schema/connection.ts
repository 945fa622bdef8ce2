/** How a server is reached: everything that one request to it needs to know, the key included. Made in `settings/connections.ts`. */
export type Connection = {
  /** Base URL of the server; OpenAI's own if null. */
  readonly endpoint: string | null;
  /** The key that is meant for this endpoint; null for none. */
  readonly apiKey: string | null;
  /** Where the key is from, as a person knows it: a variable of the environment, or a file. */
  readonly keyOrigin?: string | undefined;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** `api-version` of an Azure deployment; null elsewhere. */
  readonly apiVersion: string | null;
};
