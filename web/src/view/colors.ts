// Colors that mean the same in the picture, the strip and the plots.

/** p of a letter, 0 … 1, from orange over white to blue: the two ends differ in lightness, too. */
export function confidenceColor(p: number): string {
  const at = Math.max(0, Math.min(1, p));
  const mix = (from: number[], to: number[], share: number) =>
    from.map((value, index) => Math.round(value + (to[index]! - value) * share));
  const [low, middle, high] = [
    [201, 79, 22],
    [240, 228, 190],
    [18, 86, 144],
  ];
  const [r, g, b] = at < 0.5 ? mix(low!, middle!, at * 2) : mix(middle!, high!, at * 2 - 1);
  return `rgb(${r}, ${g}, ${b})`;
}

export const ROLE_COLORS = { designed: "#2a9d8f", fixed: "#8a8fa3", selected: "#e9a820", masked: "#c8c8c8" };

const CHAIN_COLORS = ["#3d7ea6", "#d1793b", "#5b9657", "#a5567f", "#7a6cb4", "#a58b2e", "#4aa3a2", "#b5533c"];

export function chainColor(index: number): string {
  return CHAIN_COLORS[index % CHAIN_COLORS.length]!;
}

/** By the chemistry of the side chain, as in sequence logos. */
export function letterColor(letter: string): string {
  if ("DE".includes(letter)) return "#c8102e";
  if ("KRH".includes(letter)) return "#1f5fbf";
  if ("STNQGC".includes(letter)) return "#2f8f4e";
  return letter === "P" ? "#8b5a2b" : "#4a4a55";
}
