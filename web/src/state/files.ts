// Files of the reader as text.

import type { StructureFile } from "../engine/types";

/** The largest structure that is read, bytes. */
const LARGEST_FILE = 200 << 20;

/** A file as text; one that is gzipped is unpacked. */
export async function fileOf(file: File): Promise<StructureFile> {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (start[0] !== 0x1f || start[1] !== 0x8b) return { name: file.name, text: await file.text() };
  const stream = file.stream().pipeThrough(new DecompressionStream("gzip"));
  return { name: file.name.replace(/\.gz$/i, ""), text: await new Response(stream).text() };
}

/** Refuses what no structure is as large as. */
export function checkSize(file: File): void {
  if (file.size > LARGEST_FILE) throw new Error(`${file.name} is larger than ${LARGEST_FILE >> 20} MB`);
}
