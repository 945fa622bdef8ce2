import { BlockList, isIPv6 } from "node:net";

/**
 * Ranges that are not the public internet: this machine, private and link-local networks, the metadata services of clouds,
 * and the IPv6 ranges that carry an IPv4 address inside, which could be any of these.
 *
 * @source IANA special-purpose address registries (RFC 6890)
 */
const RANGES: readonly (readonly [network: string, bits: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

const special = new BlockList();
for (const [network, bits] of RANGES) special.addSubnet(network, bits, isIPv6(network) ? "ipv6" : "ipv4");

/** Whether an address (IPv4, IPv6 or IPv4 mapped into IPv6) is on the public internet. */
export function isPublic(address: string): boolean {
  return !special.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
