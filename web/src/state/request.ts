// Choices as a request, a command line and a line of Python.

import type { Network, Request, Residue } from "../engine/types";
import { selectionOf } from "./selection";
import type { Choices } from "./store";

function lines(text: string): string[] {
  return text
    .split(/[\n;]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** The temperatures of a text such as `0.1, 0.3`. */
export function temperatures(text: string): number[] {
  return text
    .split(/[,\s]+/)
    .filter((part) => part !== "")
    .map(Number);
}

/** The settings that differ from the defaults. */
export function requestOf(choices: Choices, residues: Residue[], network: Network | undefined): Request {
  const fixed = new Set(choices.fixed);
  const fix = selectionOf(residues, (index) => fixed.has(index));
  const request: Request = {
    ...(network?.request ?? {}),
    num_seqs: choices.numSeqs,
    temperature: temperatures(choices.temperature),
    seed: choices.seed,
  };
  const lists: [string, string[]][] = [
    ["fix", fix === "" ? [] : [fix]],
    ["tie", lines(choices.tie)],
    ["omit_at", lines(choices.omitAt)],
    ["bias", lines(choices.bias)],
    ["bias_at", lines(choices.biasAt)],
    ["charge", lines(choices.charge)],
    ["count", lines(choices.count)],
  ];
  for (const [name, list] of lists) if (list.length > 0) request[name] = list;
  if (choices.omit !== "") request.omit = choices.omit.toUpperCase();
  if (choices.homoOligomer) request.homo_oligomer = true;
  if (choices.noLigand) request.no_ligand = true;
  return request;
}

/** The request of a score or a scan: the network and the residues of a design, without what only draws letters. */
export function analysisOf(design: Request, orders: number): Request {
  const of_both = ["model", "noise", "checkpoint", "no_ligand", "fix", "seed"];
  const kept = Object.entries(design).filter(([name]) => of_both.includes(name));
  return { ...Object.fromEntries(kept), num_orders: orders };
}

function quoted(text: string): string {
  return /^[\w.,=/+-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

/** `fastmpnn design 5L33.pdb --num-seqs 8 …`: prints the same designs. */
export function commandOf(file: string, request: Request): string {
  const words = ["fastmpnn", "design", quoted(file)];
  for (const [name, value] of Object.entries(request)) {
    const option = `--${name.replace(/_/g, "-")}`;
    if (value === true) words.push(option);
    else if (Array.isArray(value)) for (const item of value) words.push(option, quoted(String(item)));
    else words.push(option, quoted(String(value)));
  }
  return words.join(" ");
}

function python(value: unknown): string {
  if (value === true) return "True";
  if (Array.isArray(value)) return value.length === 1 ? python(value[0]) : `[${value.map(python).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The same in Python. */
export function pythonOf(file: string, request: Request): string {
  const { model, noise, checkpoint, ...settings } = request;
  const of = checkpoint ?? model ?? "protein";
  const network = noise === undefined ? python(of) : `${python(of)}, noise=${python(noise)}`;
  const given = Object.entries(settings).map(([name, value]) => `${name}=${python(value)}`);
  return [
    "import fastmpnn as fm",
    "",
    `encoding = fm.Model(${network}).encode(${python(file)})`,
    `designs = encoding.design(${given.join(", ")})`,
    "print(designs.to_fasta())",
  ].join("\n");
}
