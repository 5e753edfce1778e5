// The designs: a table that is sorted and filtered, plots, and downloads.

import type { Design, DesignAnswer, Probabilities, Residue, Structure, WrittenFile } from "../engine/types";
import { csvOf, fastaOf, save, type Separator } from "../state/downloads";
import { html } from "./dom";
import { HeatMap } from "./heatmap";
import { drawHistogram } from "./histogram";
import { drawLogo, logoColumns } from "./logo";

/** Rows that are shown at once. */
const MOST_ROWS = 200;

type Key = "sample" | "temperature" | "score" | "global_score" | "recovery" | "ligand_confidence" | "ligand_recovery";

interface Column {
  key: Key;
  label: string;
  title: string;
  show(value: number): string;
  rises: boolean;
}

const COLUMNS: Column[] = [
  { key: "sample", label: "No.", title: "The sample's number", show: String, rises: true },
  { key: "temperature", label: "T", title: "The sampling temperature", show: String, rises: true },
  { key: "score", label: "Score", title: "Mean −ln p over the designed residues, nats; lower is better", show: (v) => v.toFixed(4), rises: true },
  { key: "global_score", label: "Global", title: "Mean −ln p over all residues, nats", show: (v) => v.toFixed(4), rises: true },
  { key: "recovery", label: "Recovery", title: "The fraction of designed residues with the native letter", show: (v) => v.toFixed(3), rises: false },
  { key: "ligand_confidence", label: "Near ligand", title: "exp(−score) of the residues near a ligand", show: (v) => v.toFixed(3), rises: false },
  { key: "ligand_recovery", label: "Recovery near ligand", title: "Recovery of the residues near a ligand", show: (v) => v.toFixed(3), rises: false },
];

export interface ResultsHearer {
  shown(design: Design | undefined): void;
  /** The file of a design, where one can be made. */
  structureFile?(design: Design): Promise<WrittenFile>;
  command(): string;
  python(): string;
  fail(error: unknown): void;
}

export class Results {
  private answer: DesignAnswer | undefined;
  private structure: Structure | undefined;
  private residues: Residue[] = [];
  private sort: { key: Key; rises: boolean } = { key: "score", rises: true };
  private chosen: Design | undefined;
  private all = false;
  private readonly table = html("table", { id: "designs" });
  private readonly summary = html("p", { id: "summary", role: "status" });
  private readonly score = html("input", { type: "number", step: "any", id: "filter-score" });
  private readonly recovery = html("input", { type: "number", step: "any", id: "filter-recovery" });
  private readonly motif = html("input", { type: "search", id: "filter-motif", placeholder: "letters", spellcheck: "false" });
  private readonly separator = html("select", { id: "separator" });
  private readonly plots = html("div", { class: "plots" });
  private readonly heatMap = new HeatMap();
  private readonly heat = html("section", { "aria-label": "Probabilities", hidden: true });
  private readonly said = html("span", { role: "status", id: "copied" });

  constructor(
    private readonly element: HTMLElement,
    private readonly hearer: ResultsHearer,
  ) {
    const separators: [Separator, string][] = [
      ["/", "chains joined by /"],
      [":", "chains joined by :"],
      ["records", "a record for each chain"],
      ["none", "chains without a separator"],
    ];
    for (const [value, label] of separators) this.separator.append(html("option", { value }, label));
    for (const input of [this.score, this.recovery, this.motif]) input.addEventListener("input", () => this.draw());
    const button = (id: string, label: string, action: () => void) =>
      html("button", { type: "button", id, click: action as EventListener }, label);
    const filters = html(
      "div",
      { class: "filters", role: "group", "aria-label": "Filters" },
      html("label", {}, "Score at most ", this.score),
      html("label", {}, "Recovery at least ", this.recovery),
      html("label", {}, "Contains ", this.motif),
    );
    const downloads = html(
      "div",
      { class: "downloads", role: "group", "aria-label": "Downloads" },
      html("label", {}, "FASTA: ", this.separator),
      button("save-fasta", "FASTA", () => this.saveFasta()),
      button("save-csv", "CSV", () => this.saveCsv()),
      ...(hearer.structureFile ? [button("save-structure", "Structure of the design", () => void this.saveStructure())] : []),
      button("copy-command", "Copy as command", () => void this.copy(this.hearer.command(), "The command")),
      button("copy-python", "Copy as Python", () => void this.copy(this.hearer.python(), "The Python lines")),
      this.said,
    );
    this.heat.append(
      html("h3", {}, "Probabilities on the backbone alone"),
      html("p", { class: "hint" }, "p of each letter before any other is known; the native letters are framed."),
      this.heatMap.element,
    );
    const scroll = html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of designs" }, this.table);
    element.append(html("h2", {}, "Designs"), this.summary, filters, scroll, downloads, this.plots, this.heat);
  }

  /** Begins anew. */
  clear(): void {
    this.answer = undefined;
    this.chosen = undefined;
    this.element.hidden = true;
    this.heat.hidden = true;
  }

  /** Shows designs as they come. */
  show(answer: DesignAnswer, structure: Structure, residues: Residue[]): void {
    [this.answer, this.structure, this.residues] = [answer, structure, residues];
    this.element.hidden = false;
    this.draw();
  }

  showProbabilities(probabilities: Probabilities, residues: Residue[]): void {
    this.heat.hidden = false;
    this.heatMap.show({
      label: `Probabilities of 20 letters at ${residues.length} residues`,
      ...probabilities,
      residues,
      strength: (value) => Math.sqrt(Math.exp(value)),
      says: (value) => `p = ${Math.exp(value).toFixed(4)}`,
    });
  }

  /** Takes up the colors of the page. */
  theme(): void {
    this.heatMap.draw();
  }

  /** The designs that the filters leave, in the order of the table. */
  private filtered(): Design[] {
    const [score, recovery] = [this.score.valueAsNumber, this.recovery.valueAsNumber];
    const motif = this.motif.value.trim().toUpperCase();
    const { key, rises } = this.sort;
    const kept = (this.answer?.designs ?? []).filter(
      (design) =>
        !(design.score !== null && design.score > score) &&
        !(design.recovery !== null && design.recovery < recovery) &&
        design.sequence.includes(motif),
    );
    const value = (design: Design) => design[key] ?? Infinity;
    return kept.sort((a, b) => (value(a) - value(b)) * (rises ? 1 : -1) || a.sample - b.sample);
  }

  /** The same in the order in which the program prints them. */
  private kept(): Design[] {
    const kept = new Set(this.filtered());
    return this.answer!.designs.filter((design) => kept.has(design));
  }

  private draw(): void {
    const { answer, structure } = this;
    if (answer === undefined || structure === undefined) return;
    const designs = this.filtered();
    const ligands = answer.designs.some((design) => design.ligand_confidence != null);
    const columns = COLUMNS.filter(({ key }) => ligands || !key.startsWith("ligand"));
    const heads = columns.map((column) => {
      const sorted = this.sort.key === column.key;
      const direction = sorted ? (this.sort.rises ? "ascending" : "descending") : "none";
      const sign = sorted ? (this.sort.rises ? " ▲" : " ▼") : "";
      const click = () => {
        this.sort = { key: column.key, rises: sorted ? !this.sort.rises : column.rises };
        this.draw();
        this.table.querySelector<HTMLElement>(`[data-key="${column.key}"]`)?.focus();
      };
      const button = html("button", { type: "button", title: column.title, "data-key": column.key, click }, column.label + sign);
      return html("th", { scope: "col", "aria-sort": direction }, button);
    });
    const head = html("tr", {}, html("th", { scope: "col" }, "Show"), ...heads, html("th", { scope: "col" }, "Sequence; letters that differ from the native ones are marked"));
    const native = html("tr", { class: "native" }, html("td", {}, this.choice(undefined, "native")), ...columns.map(({ key, show }) => {
      const value = key === "score" || key === "global_score" ? answer.native[key] : null;
      return html("td", {}, key === "sample" ? "native" : value == null ? "" : show(value));
    }), html("td", { class: "sequence" }, answer.native.sequence));
    const shown = this.all ? designs : designs.slice(0, MOST_ROWS);
    const rows = shown.map((design) => {
      const cells = columns.map(({ key, show }) => html("td", {}, design[key] == null ? "" : show(design[key]!)));
      const sequence = html("td", { class: "sequence" }, ...this.marked(design.sequence, answer.native.sequence));
      const name = `design ${design.sample}`;
      return html("tr", { "data-sample": design.sample }, html("td", {}, this.choice(design, name)), ...cells, sequence);
    });
    this.table.replaceChildren(
      html("caption", { class: "visually-hidden" }, "Designs"),
      html("thead", {}, head),
      html("tbody", {}, native, ...rows),
    );
    if (designs.length > shown.length) {
      const more = html("button", { type: "button", click: () => { this.all = true; this.draw(); } }, `Show all ${designs.length}`);
      this.table.append(html("tfoot", {}, html("tr", {}, html("td", { colspan: columns.length + 2 }, more))));
    }
    const total = answer.designs.length;
    const left = designs.length === total ? "" : `, ${designs.length} after filters`;
    const best = Math.min(...answer.designs.map((design) => design.score ?? Infinity));
    const than = answer.native.score === null ? "" : `; the native sequence has ${answer.native.score.toFixed(4)}`;
    const scores = Number.isFinite(best) ? `. Best score ${best.toFixed(4)}${than}` : "";
    this.summary.textContent = `${total} designs${left}${scores}.`;
    this.drawPlots(designs);
  }

  private choice(design: Design | undefined, name: string): HTMLInputElement {
    const choice = html("input", { type: "radio", name: "shown", "aria-label": `Show ${name} on the structure` });
    choice.checked = this.chosen === design;
    choice.addEventListener("change", () => this.choose(design));
    return choice;
  }

  /** Shows a design on the structure. */
  choose(design: Design | undefined): void {
    this.chosen = design;
    this.hearer.shown(design);
  }

  private marked(sequence: string, native: string): (Node | string)[] {
    const parts: (Node | string)[] = [];
    let start = 0;
    const ends = new Set<number>();
    let end = 0;
    for (const chain of this.structure!.chains) ends.add((end += chain.residues.length));
    while (start < sequence.length) {
      const differs = sequence[start] !== native[start];
      let stop = start + 1;
      while (stop < sequence.length && (sequence[stop] !== native[stop]) === differs && !ends.has(stop)) stop += 1;
      const run = sequence.slice(start, stop);
      parts.push(differs ? html("mark", {}, run) : run);
      if (ends.has(stop) && stop < sequence.length) parts.push(" / ");
      start = stop;
    }
    return parts;
  }

  private drawPlots(designs: Design[]): void {
    const { answer } = this;
    if (answer === undefined || designs.length === 0) return this.plots.replaceChildren();
    const scores = designs.flatMap((design) => (design.score === null ? [] : [design.score]));
    const columns = logoColumns(designs, this.residues, answer.native.designed);
    const parts = [
      html("figure", {}, html("figcaption", {}, "Logo of the designs, bits; below, the native letters"),
        html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Sequence logo" }, drawLogo(columns))),
    ];
    if (scores.length > 1) {
      parts.unshift(html("figure", {}, html("figcaption", {}, "Scores, nats"), drawHistogram(scores, answer.native.score)));
    }
    this.plots.replaceChildren(...parts);
  }

  private saveFasta(): void {
    const { answer, structure } = this;
    if (answer === undefined || structure === undefined) return;
    const separator = this.separator.value as Separator;
    save(`${structure.name}.fa`, fastaOf(answer, this.kept(), structure, separator));
  }

  private saveCsv(): void {
    const { answer, structure } = this;
    if (answer === undefined || structure === undefined) return;
    save(`${structure.name}_designs.csv`, csvOf(answer, this.kept(), structure), "text/csv");
  }

  private async saveStructure(): Promise<void> {
    const design = this.chosen ?? this.filtered()[0];
    if (design === undefined || this.hearer.structureFile === undefined) return;
    try {
      const file = await this.hearer.structureFile(design);
      save(`${this.structure!.name}_${design.sample}.${file.ending}`, file.text);
      this.said.textContent = file.warning ?? `${this.structure!.name}_${design.sample}.${file.ending}: B-factors are confidence`;
    } catch (error) {
      this.hearer.fail(error);
    }
  }

  private async copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.said.textContent = `${what} is in the clipboard.`.replace("lines is", "lines are");
    } catch {
      // Without leave to write to the clipboard, the text is shown to be copied by hand.
      this.said.textContent = text;
    }
  }
}
