// The default network, as pack_weights.mjs packed it.

import weightsUrl from "./pkg/v_48_020.weights?url";

/** Fetches and unpacks it: a safetensors file. */
export async function fetchWeights(): Promise<ArrayBuffer> {
  const response = await fetch(weightsUrl);
  if (!response.ok || response.body === null) {
    throw new Error(`the network cannot be loaded: ${response.status} ${response.statusText}`);
  }
  const unpacked = response.body.pipeThrough(new DecompressionStream("gzip"));
  const planes = new Uint8Array(await new Response(unpacked).arrayBuffer());
  const words = planes.length / 4;
  const bytes = new Uint8Array(planes.length);
  for (let word = 0; word < words; word += 1) {
    for (let place = 0; place < 4; place += 1) bytes[4 * word + place] = planes[place * words + word]!;
  }
  return bytes.buffer;
}
