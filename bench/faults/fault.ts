/** Calls that can fail, in the order of shim.c. Creating a file or folder is an `open`. */
export const KINDS = ["write", "sync", "rename", "open", "truncate", "unlink"] as const;
export type Kind = (typeof KINDS)[number];

export const ERRNOS = ["ENOSPC", "EIO", "EACCES"] as const;
export type Errno = (typeof ERRNOS)[number];

/** The `k`-th call of `kind` fails; with `lasting`, every later one as well. */
export type Fault = {
  readonly kind: Kind | "any";
  readonly k: number;
  readonly errno: Errno;
  readonly lasting: boolean;
};

export function faultName({ kind, k, errno, lasting }: Fault): string {
  return `${kind}:${k}:${errno}:${lasting ? "lasting" : "once"}`;
}

/** Parses a fault's name. @throws Error with an example of a name. */
export function parseFault(name: string): Fault {
  const [kind, k, errno, duration, ...rest] = name.split(":");
  const fault = {
    kind: ([...KINDS, "any"] as const).find((known) => known === kind),
    k: Number(k),
    errno: ERRNOS.find((known) => known === errno),
    lasting: duration === "lasting",
  };
  const isValid = Number.isInteger(fault.k) && fault.k > 0 && rest.length === 0;
  if (fault.kind === undefined || fault.errno === undefined || !isValid || !/^(once|lasting)$/.test(duration ?? "")) {
    throw new Error(`${name} is not a fault; expected something like write:12:ENOSPC:lasting.`);
  }
  return { ...fault, kind: fault.kind, errno: fault.errno };
}
