// Scores of sequences that exist already, and the effect of every single mutation.

import type { Residue, Scan, Score, Structure } from "../engine/types";
import { save, tableOf } from "../state/downloads";
import { html } from "./dom";
import { HeatMap } from "./heatmap";

/** Mutations that are listed beside the heat map. */
const BEST_MUTATIONS = 20;

/** The change, nats, that is drawn in full color. */
const FULL_CHANGE = 6;

export interface AnalysisHearer {
  /** Scores the sequences of a FASTA text, or the native one. */
  score(fasta: string, orders: number): void;
  scan(orders: number): void;
  /** Shows a scored sequence on the structure. */
  shown(score: Score): void;
}

export class Analysis {
  private readonly sequences = html("textarea", { id: "sequences", rows: 3, spellcheck: "false", placeholder: ">variant\nMKL…" });
  private readonly orders = html("input", { id: "orders", type: "number", min: 1, max: 1000, value: 1 });
  private readonly run: HTMLButtonElement[];
  private readonly scores = html("div", { id: "scored", hidden: true });
  private readonly scans = html("div", { id: "scanned", hidden: true });
  private readonly heatMap = new HeatMap();

  constructor(
    element: HTMLElement,
    private readonly hearer: AnalysisHearer,
  ) {
    const button = (id: string, label: string, title: string, click: () => void) =>
      html("button", { type: "button", id, title, click }, label);
    this.run = [
      button("score", "Score", "Mean −ln p of each sequence on this structure", () => hearer.score(this.fasta(), this.asked())),
      button("scan", "Scan mutations", "Every letter at every residue that would be designed", () => hearer.scan(this.asked())),
    ];
    element.append(
      html("h2", {}, "Score and scan"),
      html("label", { for: "sequences" }, html("span", {}, "Sequences to score, as FASTA or one a line; empty for the native one"), this.sequences),
      html("div", { class: "bar" }, html("label", {}, "Decoding orders to average ", this.orders), ...this.run),
      this.scores,
      this.scans,
    );
  }

  clear(): void {
    this.scores.hidden = true;
    this.scans.hidden = true;
  }

  enable(enabled: boolean): void {
    for (const button of this.run) button.disabled = !enabled;
  }

  theme(): void {
    this.heatMap.draw();
  }

  showScores(scores: Score[], structure: Structure): void {
    const number = (value: number | null, digits: number) => (value === null ? "" : value.toFixed(digits));
    const rows = scores.map((score) => {
      const choice = html("input", { type: "radio", name: "shown", "aria-label": `Show ${score.record} on the structure` });
      choice.addEventListener("change", () => this.hearer.shown(score));
      const values = [number(score.score, 4), number(score.global_score, 4), number(score.recovery, 3)];
      return html("tr", {}, html("td", {}, choice), html("td", { class: "name" }, score.record),
        ...values.map((value) => html("td", {}, value)), html("td", { class: "sequence" }, score.sequence));
    });
    const columns = ["Show", "Sequence of", "Score", "Global", "Recovery", "Letters"];
    const csv = () => {
      const values = scores.map((score) => [score.record, score.score, score.global_score, score.recovery, score.sequence]);
      save(`${structure.name}_scores.csv`, tableOf([["record", "score", "global_score", "recovery", "sequence"], ...values]), "text/csv");
    };
    this.scores.replaceChildren(
      html("h3", {}, "Scores"),
      html("p", { class: "hint" }, "Mean −ln p over the residues that would be designed, and over all, nats; lower is better."),
      tableElement("scores", "Scores", columns, rows),
      html("div", { class: "downloads" }, html("button", { type: "button", id: "save-scores", click: csv }, "CSV")),
    );
    this.scores.hidden = false;
  }

  showScan(scan: Scan, structure: Structure, residues: Residue[]): void {
    const byName = new Map(residues.map((residue) => [residue.id, residue]));
    const scanned = scan.residues.map((id) => byName.get(id)!);
    const mutations = scanned.flatMap((residue, row) =>
      [...scan.letters].slice(0, 20).flatMap((letter, column) =>
        letter === residue.letter ? [] : [{ residue, letter, change: scan.change[row]![column]! }],
      ),
    );
    const name = ({ residue, letter }: { residue: Residue; letter: string }) =>
      `${residue.chain}:${residue.letter}${residue.number}${residue.insertion ?? ""}${letter}`;
    const best = [...mutations].sort((a, b) => b.change - a.change).slice(0, BEST_MUTATIONS);
    const rows = best.map((mutation) =>
      html("tr", {}, html("td", { class: "name" }, name(mutation)), html("td", {}, signed(mutation.change))),
    );
    const csv = () => {
      const values = mutations.map((mutation) => [name(mutation), mutation.residue.id, mutation.letter, mutation.change]);
      save(`${structure.name}_mutations.csv`, tableOf([["mutation", "residue", "letter", "change"], ...values]), "text/csv");
    };
    this.scans.replaceChildren(
      html("h3", {}, "Mutations"),
      html("p", { class: "hint" }, "ln p of each letter minus ln p of the native one, nats: blue where a letter is likelier. The native letters are framed."),
      this.heatMap.element,
      html("h3", {}, "The likeliest mutations"),
      tableElement("mutations", "The likeliest mutations", ["Mutation", "Change, nats"], rows),
      html("div", { class: "downloads" }, html("button", { type: "button", id: "save-scan", click: csv }, "CSV")),
    );
    this.scans.hidden = false;
    this.heatMap.show({
      label: `The effect of ${mutations.length} mutations at ${scanned.length} residues`,
      letters: scan.letters,
      residues: scanned,
      values: scan.change,
      strength: (value) => Math.sign(value) * Math.sqrt(Math.min(1, Math.abs(value) / FULL_CHANGE)),
      says: (value) => `${signed(value)} nats`,
    });
  }

  private asked(): number {
    const orders = Math.round(this.orders.valueAsNumber);
    return Number.isFinite(orders) ? Math.max(1, Math.min(1000, orders)) : 1;
  }

  /** What is to be scored, as FASTA: lines without headers are a sequence each. */
  private fasta(): string {
    const text = this.sequences.value.trim();
    if (text === "" || text.startsWith(">")) return text;
    const lines = text.split(/\s+/);
    return lines.map((line, index) => `>sequence ${index + 1}\n${line}\n`).join("");
  }
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

function tableElement(id: string, label: string, columns: string[], rows: HTMLElement[]): HTMLElement {
  const heads = columns.map((column) => html("th", { scope: "col" }, column));
  const table = html("table", { id }, html("caption", { class: "visually-hidden" }, label),
    html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...rows));
  return html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
}
