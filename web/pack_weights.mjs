// Packs the default network for the page: the bytes of its f32 numbers by their place, all first bytes, then all second ones, and
// gzip. Exponents are then beside exponents: nothing is lost, a sixth is saved, and the web server need not compress.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const bytes = readFileSync(path("../crates/fastmpnn/weights/v_48_020.safetensors"));
if (bytes.length % 4 !== 0) throw new Error("the network's file is not made of words of four bytes");
const words = bytes.length / 4;
const planes = Buffer.alloc(bytes.length);
for (let word = 0; word < words; word += 1) {
  for (let place = 0; place < 4; place += 1) planes[place * words + word] = bytes[4 * word + place];
}
const packed = path("src/engine/pkg/v_48_020.weights");
mkdirSync(dirname(packed), { recursive: true });
writeFileSync(packed, gzipSync(planes, { level: 9 }));
