/** Everything that a request to a server needs, the key included. Created in `settings/connections.ts`. */
export type Connection = {
  /** Base URL of the server; OpenAI's own if null. */
  readonly endpoint: string | null;
  /** The key for this endpoint; null for none. */
  readonly apiKey: string | null;
  /** Where the key comes from, for a person to read: an environment variable or a file. */
  readonly keyOrigin?: string | undefined;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** `api-version` of an Azure deployment; null elsewhere. */
  readonly apiVersion: string | null;
};
