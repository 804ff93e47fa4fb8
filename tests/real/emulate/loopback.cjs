// Loaded before emulate, which would listen on every interface: whoever listens here does so on loopback.
const net = require("node:net");
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "number" && typeof rest[0] !== "string") return listen.call(this, first, "127.0.0.1", ...rest);
  if (first && typeof first === "object" && first.port !== undefined && !first.host) first = { ...first, host: "127.0.0.1" };
  return listen.call(this, first, ...rest);
};
