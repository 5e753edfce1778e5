// A report: designs that were made before, from the data in this file.

import "../style.css";
import "./report.css";
import type { Design } from "../engine/types";
import { commandOf, pythonOf } from "../state/request";
import { ROLE_COLORS, chainColor, confidenceColor } from "../view/colors";
import { byId, html } from "../view/dom";
import { Results } from "../view/results";
import { Strip, legend, type Role } from "../view/strip";
import { followTheme } from "../view/theme";
import { StructureViewer } from "../view/viewer";
import { Report, probabilitiesOf, type Entry } from "./data";

class ReportPage {
  private readonly report: Report;
  private entry!: Entry;
  private design: Design | undefined;
  private readonly strip = new Strip({ selected: () => this.selected() });
  private readonly viewer: StructureViewer;
  private readonly results: Results;
  private readonly coloring = byId<HTMLSelectElement>("coloring");
  private readonly reference = html("select", { id: "reference" });
  private readonly chosen = html("span", { id: "chosen", role: "status" });

  constructor() {
    this.report = new Report(document.querySelectorAll<HTMLScriptElement>('script[type="application/json"]'));
    this.viewer = new StructureViewer(
      byId("viewer"),
      (index, extend) => (extend ? this.strip.extendTo(index) : this.strip.toggle(index)),
      (index) => this.hover(index),
    );
    this.results = new Results(byId("results"), {
      shown: (design) => this.show(design),
      command: () => this.command(),
      python: () => this.python(),
      fail: (error) => this.say(error instanceof Error ? error.message : String(error)),
    });
    this.controls();
    this.ending();
    if (this.report.names.length > 0) this.open(0);
  }

  private controls(): void {
    const { names, run } = this.report;
    byId("made").textContent = `FastMPNN ${run.version}, network ${run.network}`;
    const structure = byId<HTMLSelectElement>("structure");
    names.forEach((name, index) => structure.append(html("option", { value: index }, name)));
    structure.addEventListener("change", () => this.open(Number(structure.value)));
    byId("choice").hidden = names.length < 2;
    this.coloring.addEventListener("change", () => this.draw());
    this.reference.addEventListener("change", () => this.compare());
    followTheme(() => {
      this.viewer.theme();
      this.results.theme();
    });
    byId("residues").append(
      html("h2", {}, "Residues"),
      html("div", { class: "bar" }, html("label", {}, "Compared with ", this.reference), this.chosen),
      legend(
        ["designed", "fixed", "masked", "selected"],
        "Below each letter that of the design; what differs is bold. Click or use the arrow keys; shift extends.",
      ),
      this.strip.element,
    );
  }

  /** What the reader has to know of the run. */
  private ending(): void {
    const { end } = this.report;
    if (end === undefined) return this.say("The file is cut off: it has no end.");
    if (end.stopped) this.say("The run was stopped before its end.");
    const { designs_left_out: designs, structures_left_out: structures, most_bytes: most } = end;
    if (designs > 0) {
      const of = structures === 0 ? "" : structures === 1 ? " and a structure" : ` and ${structures} structures`;
      this.say(`${designs} more designs${of} are left out: a report ends at ${most / 1e6} MB.`);
    }
    for (const { input, error } of end.failed) this.say(`${input} could not be used: ${error}`);
    if (this.report.names.length === 0) this.say("There is no design in this report.");
  }

  private say(text: string): void {
    byId("messages").append(html("p", { class: "warning" }, text));
  }

  /** Shows a structure. */
  private open(index: number): void {
    this.entry = this.report.entry(index);
    const { record, structure, residues, answer } = this.entry;
    document.title = `Designs of ${structure.name}`;
    document.querySelector("h1")!.textContent = document.title;
    byId("work").hidden = false;
    this.settings();
    this.reference.replaceChildren(
      html("option", { value: "native" }, "native"),
      ...answer.designs.map((design, place) => html("option", { value: place }, nameOf(design, answer.designs))),
    );
    this.strip.show(structure);
    this.selected();
    this.results.clear();
    this.results.show(answer, structure, residues);
    const best = [...answer.designs].sort((a, b) => (a.score ?? Infinity) - (b.score ?? Infinity))[0];
    this.results.choose(best);
    this.results.show(answer, structure, residues);
    const probabilities = probabilitiesOf(this.entry);
    if (probabilities !== undefined) this.results.showProbabilities(probabilities, residues);
    if (record.picture === null) {
      byId("viewer").textContent = "The structure is too large for a picture; everything else is below.";
      return;
    }
    this.viewer.show({ ...record.picture, warning: null }, residues).catch((error: unknown) => {
      byId("viewer").textContent = "The 3D view cannot be shown in this browser; everything else is below.";
      console.warn(error);
    });
  }

  private settings(): void {
    const { record, answer } = this.entry;
    const facts = html("dl", {});
    const fact = (name: string, ...values: string[]) =>
      facts.append(html("dt", {}, name), ...values.map((value) => html("dd", {}, value)));
    fact("Input", ...record.inputs);
    fact("Plan", answer.native.plan);
    if (record.warnings.length > 0) fact("Warnings", ...record.warnings);
    const code = (label: string, text: string) =>
      html("details", {}, html("summary", {}, label), html("pre", { tabindex: 0, role: "region", "aria-label": label }, text));
    const values = this.report.run.has_values
      ? [html("p", { class: "hint" }, "The run was also given arrays or functions, which are not among these settings.")]
      : [];
    const command = code("As a command", this.command());
    command.open = true;
    byId("settings").replaceChildren(html("h2", {}, "Settings"), facts, command, code("As Python", this.python()), ...values);
  }

  private command(): string {
    return commandOf(this.entry.record.inputs, this.entry.record.settings);
  }

  private python(): string {
    return pythonOf(this.entry.record.inputs, this.entry.record.settings);
  }

  private selected(): void {
    const ids = this.strip.selected.map((index) => this.entry.residues[index]!.id);
    const shown = ids.length > 12 ? `${ids.slice(0, 12).join(", ")}, …` : ids.join(", ");
    this.chosen.textContent = ids.length === 0 ? "" : `${ids.length} selected: ${shown}`;
    this.viewer.draw(this.look());
  }

  /** Compares the design with the native sequence or another design. */
  private compare(): void {
    const { structure, answer } = this.entry;
    const other = this.reference.value === "native" ? answer.native : answer.designs[Number(this.reference.value)]!;
    let at = 0;
    const chains = structure.chains.map((chain) => ({
      ...chain,
      residues: chain.residues.map((residue) => ({ ...residue, letter: other.sequence[at++]! })),
    }));
    this.strip.show({ ...structure, chains });
    this.selected();
    this.draw();
  }

  private show(design: Design | undefined): void {
    this.design = design;
    if (design === undefined && this.coloring.value === "confidence") this.coloring.value = "roles";
    if (design !== undefined && this.coloring.value === "roles") this.coloring.value = "confidence";
    this.draw();
  }

  private hover(index: number | undefined): void {
    const residue = index === undefined ? undefined : this.entry.residues[index];
    const { design } = this;
    const drawn = design && index !== undefined ? `, design ${design.sequence[index]} p ${p(design, index).toFixed(2)}` : "";
    byId("hovered").textContent =
      residue === undefined ? "Click residues to select them." : `${residue.id} ${residue.name}, ${this.role(index!)}${drawn}`;
  }

  private role(index: number): Role {
    if (this.entry.residues[index]?.masked) return "masked";
    return this.entry.answer.native.designed[index] ? "designed" : "fixed";
  }

  private look() {
    const { design, entry } = this;
    const mode = this.coloring.value;
    const chains = new Map(entry.structure.chains.map((chain, index) => [chain.id, index]));
    return {
      selected: (index: number) => this.strip.isSelected(index),
      color: (index: number) => {
        if (mode === "confidence" && design !== undefined) return confidenceColor(p(design, index));
        if (mode === "chains") return chainColor(chains.get(entry.residues[index]!.chain) ?? 0);
        return ROLE_COLORS[this.role(index)];
      },
    };
  }

  private draw(): void {
    const { design } = this;
    this.strip.draw({
      role: (index) => this.role(index),
      tied: () => false,
      design: (index) => design && { letter: design.sequence[index]!, p: p(design, index) },
      colorByConfidence: design !== undefined,
    });
    this.viewer.draw(this.look());
  }
}

/** p of a design's letter. */
function p(design: Design, index: number): number {
  return Math.exp(-design.negative_log_likelihood[index]!);
}

/** `design 3`, with its temperature where there are several. */
function nameOf(design: Design, all: Design[]): string {
  const several = all.some(({ temperature }) => temperature !== design.temperature);
  return `design ${design.sample}${several ? `, T = ${design.temperature}` : ""}`;
}

new ReportPage();
