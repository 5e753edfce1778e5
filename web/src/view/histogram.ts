// The scores of the designs, and that of the native sequence.

import { svg } from "./dom";

const WIDTH = 320;
const HEIGHT = 110;

export function drawHistogram(scores: number[], native: number | null): SVGSVGElement {
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const span = Math.max(high - low, 1e-6);
  const bins = Math.max(5, Math.min(24, Math.ceil(Math.sqrt(scores.length) * 2)));
  const counts = new Array<number>(bins).fill(0);
  const place = (score: number) => Math.min(bins - 1, Math.floor(((score - low) / span) * bins));
  for (const score of scores) counts[place(score)]! += 1;
  const most = Math.max(...counts);
  const x = (score: number) => 10 + ((score - low) / span) * (WIDTH - 20);
  const picture = svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT + 34}`,
    width: WIDTH,
    height: HEIGHT + 34,
    role: "img",
    "aria-label": `Histogram of ${scores.length} scores from ${Math.min(...scores).toFixed(3)} to ${Math.max(...scores).toFixed(3)}`,
    class: "histogram",
  });
  const wide = (WIDTH - 20) / bins;
  counts.forEach((count, bin) => {
    const height = (count / most) * (HEIGHT - 10);
    const bar = svg("rect", { x: 10 + bin * wide + 1, y: HEIGHT - height, width: wide - 2, height, class: "bar" });
    const from = low + (span * bin) / bins;
    bar.append(svg("title", {}, `${count} designs from ${from.toFixed(3)} to ${(from + span / bins).toFixed(3)}`));
    picture.append(bar);
  });
  picture.append(svg("line", { x1: 10, x2: WIDTH - 10, y1: HEIGHT, y2: HEIGHT, class: "axis" }));
  picture.append(svg("text", { x: 10, y: HEIGHT + 14, class: "start" }, low.toFixed(3)));
  picture.append(svg("text", { x: WIDTH - 10, y: HEIGHT + 14, class: "end" }, high.toFixed(3)));
  if (native !== null) {
    // Far from the designs as a rule: an arrow shows on which side.
    const within = native >= low && native <= high;
    const at = within ? x(native) : native < low ? 4 : WIDTH - 4;
    if (within) picture.append(svg("line", { x1: at, x2: at, y1: 4, y2: HEIGHT, class: "native" }));
    const value = `native ${native.toFixed(3)}`;
    const label = within ? value : native < low ? `← ${value}` : `${value} →`;
    picture.append(svg("text", { x: at, y: HEIGHT + 30, class: at > WIDTH / 2 ? "end" : "start" }, label));
  }
  return picture;
}
