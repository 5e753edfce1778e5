// Choices in the address of the page, behind #. The structure is not in it, except for the name of an example.

import { DEFAULT_CHOICES, type Choices } from "./store";

const TEXTS = ["omitAt", "biasAt", "tie", "omit", "bias", "charge", "count", "temperature", "network"] as const;
const NUMBERS = ["numSeqs", "seed"] as const;
const FLAGS = ["homoOligomer", "noLigand"] as const;

/** `3-5.9` of 3, 4, 5, 9. */
function packed(numbers: number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < numbers.length; ) {
    let end = at;
    while (numbers[end + 1] === numbers[end]! + 1) end += 1;
    parts.push(at === end ? `${numbers[at]}` : `${numbers[at]}-${numbers[end]}`);
    at = end + 1;
  }
  return parts.join(".");
}

function unpacked(text: string): number[] {
  const numbers: number[] = [];
  for (const part of text.split(".")) {
    const [first, last] = part.split("-").map(Number) as [number, number?];
    const end = Math.min(last ?? first, 100_000);
    if (!Number.isInteger(first) || !Number.isInteger(end) || first < 0) continue;
    for (let number = first; number <= end; number += 1) numbers.push(number);
  }
  return [...new Set(numbers)].sort((a, b) => a - b);
}

export function fragmentOf(choices: Choices, example: string | undefined): string {
  const parts = new URLSearchParams();
  if (example !== undefined) parts.set("example", example);
  for (const name of TEXTS) if (choices[name] !== DEFAULT_CHOICES[name]) parts.set(name, choices[name]);
  for (const name of NUMBERS) if (choices[name] !== DEFAULT_CHOICES[name]) parts.set(name, String(choices[name]));
  for (const name of FLAGS) if (choices[name]) parts.set(name, "1");
  if (choices.fixed.length > 0) parts.set("fixed", packed(choices.fixed));
  return parts.toString();
}

export function choicesOf(fragment: string): { choices: Choices; example: string | undefined } {
  const parts = new URLSearchParams(fragment.replace(/^#/, ""));
  const choices = { ...DEFAULT_CHOICES };
  for (const name of TEXTS) choices[name] = parts.get(name) ?? choices[name];
  for (const name of NUMBERS) {
    const value = Number(parts.get(name) ?? NaN);
    if (Number.isInteger(value) && value >= 0) choices[name] = value;
  }
  for (const name of FLAGS) choices[name] = parts.get(name) === "1";
  choices.fixed = unpacked(parts.get("fixed") ?? "");
  return { choices, example: parts.get("example") ?? undefined };
}
