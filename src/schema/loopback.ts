/** Whether `endpoint` is on this machine. Null is OpenAI, which is not. */
export function isLoopback(endpoint: string | URL | null): boolean {
  if (endpoint === null) return false;
  const url = String(endpoint);
  return URL.canParse(url) && /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/i.test(new URL(url).hostname);
}
