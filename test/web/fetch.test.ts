import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fetchPublic } from "../../src/web/fetch.ts";
import type { Address } from "../../src/web/target.ts";

const bounds = { mostBytes: 10_000, timeoutMs: 5_000 };
const at = (address: string): Address => ({ address, family: address.includes(":") ? 6 : 4 });

/** @returns its host with port. */
async function server(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const web = createServer(answer);
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  return `127.0.0.1:${(web.address() as AddressInfo).port}`;
}

describe("refuses", () => {
  test.each([
    "http://127.0.0.1/",
    "http://127.8.9.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fc00::1]/",
    "http://[fd12::1]/",
    "http://[fe80::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://192.0.0.8/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[64:ff9b:1::1]/",
    "http://[100::1]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://１２７.0.0.1/",
    "http://localhost/",
    "http://localhost./",
  ])("%s, which is not on the public internet", async (url) => {
    const lookup = async (): Promise<Address[]> => [at("127.0.0.1")];

    await expect(fetchPublic(url, { ...bounds, lookup })).rejects.toMatchObject({ code: "invalid_input" });
  });

  test.each([
    ["file:///etc/passwd", "only http and https"],
    ["ftp://example.org/", "only http and https"],
    ["gopher://example.org/", "only http and https"],
    ["data:text/plain,hello", "only http and https"],
    ["http://example.org:22/", "port 22"],
    ["http://example.org:6379/", "port 6379"],
    ["nonsense", "not a URL"],
  ])("%s", async (url, reason) => {
    await expect(fetchPublic(url, bounds)).rejects.toThrow(reason);
  });

  test("a URL with a password, which the error does not repeat", async () => {
    const error: unknown = await fetchPublic("http://ada:secret@example.org/", bounds).catch((it: unknown) => it);

    expect(error).toMatchObject({ code: "invalid_input" });
    expect(String(error)).not.toContain("secret");
  });

  test("a name with several addresses, one of them private", async () => {
    const lookup = async (): Promise<Address[]> => [at("93.184.216.34"), at("10.0.0.7")];

    await expect(fetchPublic("http://example.org/", { ...bounds, lookup })).rejects.toThrow("at 10.0.0.7");
  });

  test("a redirect to a private address, also from a host that is allowed", async () => {
    const inside = await server((_, response) => response.end("secret"));
    const host = await server((_, response) => response.writeHead(302, { location: `http://${inside}/` }).end());

    await expect(fetchPublic(`http://${host}/`, { ...bounds, allowedHosts: [host] })).rejects.toThrow("is not fetched");
  });

  test("a redirect to another scheme", async () => {
    const host = await server((_, response) => response.writeHead(301, { location: "file:///etc/passwd" }).end());

    await expect(fetchPublic(`http://${host}/`, { ...bounds, allowedHosts: [host] })).rejects.toThrow("only http");
  });
});

test("connects to the address that was checked, whatever the name resolves to later", async () => {
  const host = await server((request, response) => response.end(request.headers.host));
  const name = `rebinding.example:${host.split(":")[1] ?? ""}`;
  const answers = [[at("127.0.0.1")]];
  const lookup = async (): Promise<Address[]> => answers.shift() ?? [at("192.0.2.1")];

  const { body } = await fetchPublic(`http://${name}/`, { ...bounds, lookup, allowedHosts: [name] });

  expect(new TextDecoder().decode(body)).toBe(name);
});

test("follows redirects, returns the final URL, and withholds credentials from other hosts", async () => {
  const other = await server((request, response) => response.end(request.headers.authorization ?? "none"));
  const host = await server((_, response) => response.writeHead(307, { location: `http://${other}/there` }).end());

  const { url, body } = await fetchPublic(`http://${host}/`, {
    ...bounds,
    allowedHosts: [host, other],
    headers: { Authorization: "Bearer key" },
  });

  expect([url, new TextDecoder().decode(body)]).toEqual([`http://${other}/there`, "none"]);
});

test("gives up on an endless chain of redirects", async () => {
  const host = await server((_, response) => response.writeHead(302, { location: "/again" }).end());

  await expect(fetchPublic(`http://${host}/`, { ...bounds, allowedHosts: [host] })).rejects.toThrow(
    "more than 5 times",
  );
});

test("stops reading a body that is too large, even after decompression", async () => {
  const bomb = gzipSync(Buffer.alloc(5_000_000));
  const host = await server((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb));

  await expect(fetchPublic(`http://${host}/`, { ...bounds, allowedHosts: [host] })).rejects.toThrow(
    "larger than 10,000 bytes",
  );
});

test("gives up on a server that does not answer in time", async () => {
  const host = await server(() => undefined);

  await expect(fetchPublic(`http://${host}/`, { ...bounds, timeoutMs: 50, allowedHosts: [host] })).rejects.toThrow(
    "no answer within 0.05 seconds",
  );
});

test("decompresses bodies, and ignores proxies from the environment", async () => {
  process.env["http_proxy"] = "http://127.0.0.1:1/";
  onTestFinished(() => {
    delete process.env["http_proxy"];
  });
  const host = await server((_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("packed")),
  );

  const { status, body } = await fetchPublic(`http://${host}/`, { ...bounds, allowedHosts: [host] });

  expect([status, new TextDecoder().decode(body)]).toEqual([200, "packed"]);
});

test("a page is fetched directly, past any proxy of the environment", async () => {
  let asked = 0;
  const proxy = await server((_, response) => {
    asked += 1;
    response.end("from the proxy");
  });
  const host = await server((_, response) => response.end("from the site"));
  for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) vi.stubEnv(name, `http://${proxy}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });

  const { body } = await fetchPublic(`http://${host}/`, { ...bounds, allowedHosts: [host] });

  expect([Buffer.from(body).toString(), asked]).toEqual(["from the site", 0]);
});
