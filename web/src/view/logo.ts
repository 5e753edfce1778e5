// A sequence logo: the letters of the designs at each designed residue, as high as p · (log2 20 − entropy) bits.

import type { Design, Residue } from "../engine/types";
import { letterColor } from "./colors";
import { svg } from "./dom";

const WIDTH = 14;
const HEIGHT = 90;
const MOST_BITS = Math.log2(20);
/** The height of a capital of a font size of 1. */
const CAPITAL = 0.72;

export interface LogoColumn {
  residue: Residue;
  native: string;
  letters: { letter: string; p: number }[];
  bits: number;
}

/** The frequencies of letters at the designed residues. */
export function logoColumns(designs: Design[], residues: Residue[], designed: boolean[]): LogoColumn[] {
  return residues.flatMap((residue, index) => {
    if (!designed[index]) return [];
    const counts = new Map<string, number>();
    for (const design of designs) {
      const letter = design.sequence[index]!;
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const letters = [...counts].map(([letter, count]) => ({ letter, p: count / designs.length }));
    letters.sort((a, b) => a.p - b.p || a.letter.localeCompare(b.letter));
    const entropy = -letters.reduce((sum, { p }) => sum + p * Math.log2(p), 0);
    return [{ residue, native: residue.letter, letters, bits: MOST_BITS - entropy }];
  });
}

export function drawLogo(columns: LogoColumn[]): SVGSVGElement {
  const width = columns.length * WIDTH + 2;
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${HEIGHT + 44}`,
    width,
    height: HEIGHT + 44,
    role: "img",
    "aria-label": `Sequence logo of ${columns.length} designed residues`,
    class: "logo",
  });
  columns.forEach((column, place) => {
    const x = place * WIDTH + 1;
    let bottom = HEIGHT;
    for (const { letter, p } of column.letters) {
      const height = (p * column.bits * HEIGHT) / MOST_BITS;
      if (height < 0.5) continue;
      const text = svg("text", {
        transform: `translate(${x + WIDTH / 2} ${bottom}) scale(${(WIDTH / 10).toFixed(3)} ${(height / (10 * CAPITAL)).toFixed(3)})`,
        "font-size": 10,
        "text-anchor": "middle",
        fill: letterColor(letter),
      }, letter);
      bottom -= height;
      picture.append(text);
    }
    picture.append(svg("text", { x: x + WIDTH / 2, y: HEIGHT + 13, class: "native" }, column.native));
    if (place % 5 === 0) {
      picture.append(svg("text", { x: x + WIDTH / 2, y: HEIGHT + 34, class: "number" }, column.residue.id));
    }
  });
  return picture;
}
