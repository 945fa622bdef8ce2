import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { packageRoot } from "../../version.ts";
import { noRoute } from "../http/failures.ts";
import type { Service } from "../http/service.ts";

/**
 * Allows only the page's own files and this server: no inline script or style, no external images, whose URLs could leak what a
 * reply says, and no HTML made from strings.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The page, as built from `page/`. */
export function pageRoutes({ api }: Service): void {
  const send = async (file: string): Promise<Response> => {
    const type = TYPES[extname(file)];
    const text = type && (await readFile(join(packageRoot(), "dist", "server", "page", file)).catch(() => undefined));
    if (type === undefined || text === undefined || text === "")
      throw noRoute({ method: "GET", path: `/page/${file}` });
    return new Response(new Uint8Array(text), {
      headers: {
        "content-type": type,
        "content-security-policy": POLICY,
        "cache-control": "no-cache",
        "referrer-policy": "no-referrer",
      },
    });
  };
  api.get("/", () => send("index.html"));
  api.get("/page/:file{[\\w-]+\\.(js|css|svg)}", (c) => send(c.req.param("file")));
}
