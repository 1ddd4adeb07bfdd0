// Allocates as node's programs do, outside its own heap and inside; prints a digest that depends on
// every byte: churn.js ROUNDS
const crypto = require("crypto");
const zlib = require("zlib");

let state = 1;
const draw = (n) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return state % n;
};

const hash = crypto.createHash("sha256");
const kept = [];
for (let round = 0; round < Number(process.argv[2]); round++) {
  for (let i = 0; i < 200; i++) {
    const buffer = Buffer.allocUnsafeSlow(1 + draw(30000));
    buffer.fill(String.fromCharCode(97 + draw(26)) + i);
    kept[draw(500)] = buffer;
    if (i % 10 === 0) hash.update(zlib.inflateSync(zlib.deflateSync(buffer)));
  }
  const table = {};
  for (let i = 0; i < 2000; i++) table["k" + draw(5000)] = "v".repeat(draw(60)) + i;
  hash.update(JSON.stringify(JSON.parse(JSON.stringify(table))));
}
for (const buffer of kept) if (buffer) hash.update(buffer);
console.log("digest " + hash.digest("hex"));
