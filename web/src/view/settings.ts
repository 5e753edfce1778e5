// The settings of a design.

import type { Network } from "../engine/types";
import type { Choices, Store } from "../state/store";
import { html } from "./dom";

export interface SettingsHearer {
  design(): void;
  stop(): void;
  preset(name: string): void;
}

export const PRESETS: [string, string][] = [
  ["all", "Design everything"],
  ["binder", "Binder: design the first chain, keep the others"],
  ["oligomer", "Homo-oligomer: the same sequence in all copies"],
  ["loop", "Loop: design only the selected residues"],
  ["enzyme", "Enzyme: keep residues within 6 Å of the ligand"],
  ["cdr", "Antibody: design the CDRs (Chothia numbering, chains H and L)"],
  ["interface", "Interface: design residues within 5 Å of another chain"],
];

type Field = { name: keyof Choices; label: string; hint?: string; area?: boolean; type?: string; min?: number; max?: number };

const MAIN: Field[] = [
  { name: "numSeqs", label: "Sequences", type: "number", min: 1, max: 100000 },
  { name: "temperature", label: "Temperature", hint: "0.1; several as 0.1, 0.3" },
  { name: "seed", label: "Seed", type: "number", min: 0, max: 4294967295 },
  { name: "omit", label: "Letters never drawn", hint: "CM" },
];

const MORE: Field[] = [
  { name: "bias", label: "Bias of letters, nats", hint: "A=-1.0,W=0.5" },
  { name: "omitAt", label: "Letters never drawn at residues", hint: "A1-5:CM", area: true },
  { name: "biasAt", label: "Bias at residues", hint: "A1-5:W=2.0", area: true },
  { name: "tie", label: "Ties: the same letter", hint: "A1-20=B1-20", area: true },
  { name: "charge", label: "Net charge", hint: "-5..0" },
  { name: "count", label: "Numbers of letters", hint: "C=0,W>=1" },
];

export class SettingsPanel {
  private readonly inputs = new Map<keyof Choices, HTMLInputElement | HTMLTextAreaElement>();
  private readonly network = html("select", { id: "network" });
  private readonly homoOligomer = html("input", { type: "checkbox", id: "homoOligomer" });
  private readonly noLigand = html("input", { type: "checkbox", id: "noLigand" });
  private readonly run = html("button", { type: "submit", class: "primary", id: "design" }, "Design");
  private readonly stop = html("button", { type: "button", id: "stop", disabled: true }, "Stop");
  private readonly bar = html("progress", { id: "progress", max: 1, value: 0, "aria-label": "Designs made", hidden: true });
  private readonly says = html("p", { id: "plan", role: "status" });

  constructor(
    element: HTMLElement,
    private readonly store: Store,
    hearer: SettingsHearer,
  ) {
    const preset = html("select", { id: "preset" }, html("option", { value: "" }, "Choose…"));
    for (const [value, label] of PRESETS) preset.append(html("option", { value }, label));
    preset.addEventListener("change", () => {
      if (preset.value !== "") hearer.preset(preset.value);
      preset.value = "";
    });
    const form = html(
      "form",
      { novalidate: true, autocomplete: "off" },
      html("h2", {}, "Design"),
      labeled("Preset", preset),
      labeled("Network", this.network),
      html("div", { class: "fields" }, ...MAIN.map((field) => this.field(field))),
      html(
        "details",
        {},
        html("summary", {}, "More settings"),
        html("label", { class: "check" }, this.homoOligomer, " Symmetric chains: copies get the same sequence"),
        html("label", { class: "check" }, this.noLigand, " Hide ligands from the network"),
        ...MORE.map((field) => this.field(field)),
      ),
      this.says,
      html("div", { class: "actions" }, this.run, this.stop, this.bar),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      hearer.design();
    });
    this.stop.addEventListener("click", () => hearer.stop());
    this.network.addEventListener("change", () => store.change({ network: this.network.value }));
    this.homoOligomer.addEventListener("change", () => store.change({ homoOligomer: this.homoOligomer.checked }));
    this.noLigand.addEventListener("change", () => store.change({ noLigand: this.noLigand.checked }));
    element.append(form);
    store.onChange(() => this.draw());
  }

  private field(field: Field): HTMLElement {
    const id = `set-${field.name}`;
    const common = { id, placeholder: field.hint, spellcheck: "false" };
    const input = field.area
      ? html("textarea", { ...common, rows: 2 })
      : html("input", { ...common, type: field.type ?? "text", min: field.min, max: field.max });
    input.addEventListener("change", () => {
      const value = field.type === "number" ? this.whole(input.value, field) : input.value.trim();
      this.store.change({ [field.name]: value });
      this.draw();
    });
    this.inputs.set(field.name, input);
    return labeled(field.label, input);
  }

  /** The number of a field; what it was where the text is none. */
  private whole(text: string, field: Field): number {
    const value = Number(text);
    if (!Number.isInteger(value)) return this.store.choices[field.name] as number;
    return Math.max(field.min ?? 0, Math.min(field.max ?? value, value));
  }

  draw(): void {
    const { choices } = this.store;
    for (const [name, input] of this.inputs) {
      if (document.activeElement !== input || input.value !== String(choices[name])) input.value = String(choices[name]);
    }
    this.homoOligomer.checked = choices.homoOligomer;
    this.noLigand.checked = choices.noLigand;
    if ([...this.network.options].some((option) => option.value === choices.network)) this.network.value = choices.network;
  }

  showNetworks(networks: Network[]): void {
    const options = networks.map(({ label }) => html("option", { value: label }, label));
    this.network.replaceChildren(...options);
    this.draw();
  }

  showPlan(text: string): void {
    this.says.textContent = text;
  }

  /** Shows how far a design is; undefined when none is on its way. */
  showProgress(done: number | undefined, wanted: number): void {
    const runs = done !== undefined;
    this.run.disabled = runs;
    this.stop.disabled = !runs;
    this.bar.hidden = !runs;
    this.bar.max = Math.max(1, wanted);
    this.bar.value = done ?? 0;
  }
}

function labeled(label: string, control: HTMLElement): HTMLElement {
  return html("label", { for: control.id }, html("span", {}, label), control);
}
