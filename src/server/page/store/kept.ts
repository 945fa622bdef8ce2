/** Texts that survive a reload, in this browser only. Without local storage, nothing is kept and nothing fails. */
export function kept(name: string): string {
  try {
    return localStorage.getItem(`memgpt:${name}`) ?? "";
  } catch {
    return "";
  }
}

export function keep(name: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(`memgpt:${name}`);
    else localStorage.setItem(`memgpt:${name}`, text);
  } catch {
    // Full, or forbidden.
  }
}
