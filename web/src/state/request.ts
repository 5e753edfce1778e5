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
export function commandOf(files: string | string[], request: Request): string {
  const words = ["fastmpnn", "design", ...[files].flat().map(quoted)];
  for (const [name, value] of Object.entries(request)) {
    const option = `--${name.replace(/_/g, "-")}`;
    if (value === true) words.push(option);
    else for (const item of [value].flat()) words.push(...worded(option, String(item)));
  }
  return words.join(" ");
}

/** An option with its value, which is no option even where it begins with a minus sign. */
function worded(option: string, value: string): string[] {
  return value.startsWith("-") ? [`${option}=${quoted(value)}`] : [option, quoted(value)];
}

/** Settings that are arguments of `read` in Python. */
const OF_READING = ["model_number", "altloc", "gaps", "ligand", "leave_out_unoccupied", "assembly"];

function python(value: unknown): string {
  if (value === true) return "True";
  if (Array.isArray(value)) return value.length === 1 ? python(value[0]) : `[${value.map(python).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The same in Python. */
export function pythonOf(files: string | string[], request: Request): string {
  const { model, noise, checkpoint, precision, states: _, ...settings } = request;
  const given = (values: [string, unknown][]) => values.map(([name, value]) => `, ${name}=${python(value)}`).join("");
  const of = (read: boolean) => Object.entries(settings).filter(([name]) => OF_READING.includes(name) === read);
  const network = Object.entries({ noise, precision }).filter(([, value]) => value !== undefined);
  const reading = given(of(true));
  const read = (file: string) => (reading === "" ? python(file) : `fm.read(${python(file)}${reading})`);
  const structures = typeof files === "string" || files.length === 1 ? read([files].flat()[0]!) : `[${files.map(read).join(", ")}]`;
  return [
    "import fastmpnn as fm",
    "",
    `encoding = fm.Model(${python(checkpoint ?? model ?? "protein")}${given(network)}).encode(${structures})`,
    `designs = encoding.design(${given(of(false)).slice(2)})`,
    "print(designs.to_fasta())",
  ].join("\n");
}
