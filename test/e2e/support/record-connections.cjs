// Loaded before the program: writes a line to the file CONNECTIONS for every name that is looked up and every connection begun.
const { appendFileSync } = require("node:fs");
const dns = require("node:dns");
const net = require("node:net");
const dgram = require("node:dgram");

const note = (what) => appendFileSync(process.env.CONNECTIONS, `${what}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  note(
    typeof options === "object" ? `connect ${options.path ?? `${options.host}:${options.port}`}` : `connect ${options}`,
  );
  return connect.apply(this, args);
};
for (const owner of [dns, dns.promises]) {
  const { lookup } = owner;
  owner.lookup = function (name, ...rest) {
    note(`lookup ${name}`);
    return lookup.call(this, name, ...rest);
  };
}
const { send } = dgram.Socket.prototype;
dgram.Socket.prototype.send = function (...args) {
  note("datagram");
  return send.apply(this, args);
};
