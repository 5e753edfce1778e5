// The section of the residues: what is done with the selected ones, a selection by its expression, and the strip.

import { html } from "./dom";
import { legend } from "./strip";

export interface ResidueHearer {
  /** The selected residues keep their letters, or are designed. */
  fix(fixed: boolean): void;
  only(): void;
  tie(): void;
  clear(): void;
  select(expression: string): void;
  omit(letters: string): void;
  bias(text: string): void;
}

/** Buttons that need a selection. */
const OF_A_SELECTION = ["fix", "redesign", "only", "tie", "none", "omit-here", "bias-here-add"];

export class ResidueTools {
  private readonly chosen = html("span", { id: "chosen", role: "status" });
  private readonly buttons: HTMLButtonElement[] = [];

  constructor(element: HTMLElement, strip: HTMLElement, hearer: ResidueHearer) {
    const button = (id: string, label: string, title: string, action: () => void) => {
      const made = html("button", { type: "button", id, title, click: action }, label);
      if (OF_A_SELECTION.includes(id)) this.buttons.push(made);
      return made;
    };
    const expression = html("input", { id: "expression", placeholder: "A1-10, within 5 of ligand", spellcheck: "false" });
    const letters = html("input", { id: "letters-here", size: 6, placeholder: "CM", spellcheck: "false" });
    const bias = html("input", { id: "bias-here", size: 8, placeholder: "W=2.0", spellcheck: "false" });
    const apply = () => hearer.select(expression.value);
    expression.addEventListener("keydown", (event) => {
      if (event.key === "Enter") apply();
    });
    element.append(
      html("h2", {}, "Residues"),
      html(
        "div",
        { class: "bar", role: "group", "aria-label": "Selected residues" },
        button("fix", "Fix", "Selected residues keep their letters (F)", () => hearer.fix(true)),
        button("redesign", "Design", "Selected residues are designed (D)", () => hearer.fix(false)),
        button("only", "Design only these", "All others keep their letters", () => hearer.only()),
        button("tie", "Tie chains", "Selected residues of several chains get the same letters", () => hearer.tie()),
        button("none", "Clear selection", "Select nothing (Escape)", () => hearer.clear()),
        this.chosen,
      ),
      html(
        "div",
        { class: "bar" },
        html("label", {}, "Select ", expression),
        button("select", "Select", "Select by an expression", apply),
        html("label", {}, "Omit here ", letters),
        button("omit-here", "Add", "Letters that are never drawn at the selected residues", () => hearer.omit(letters.value)),
        html("label", {}, "Bias here ", bias),
        button("bias-here-add", "Add", "Bias of letters at the selected residues, nats", () => hearer.bias(bias.value)),
      ),
      legend(["designed", "fixed", "masked", "tied", "selected"], "Click or use the arrow keys; shift extends, F fixes, D designs."),
      strip,
    );
  }

  /** Says what is selected. */
  show(count: number, selection: string): void {
    this.chosen.textContent = count === 0 ? "Nothing is selected" : `${count} selected: ${selection}`;
    for (const button of this.buttons) button.disabled = count === 0;
  }
}
