// The residues as letters: where they are selected, fixed and designed, with the keyboard or the pointer. One list box for all
// chains; arrows move, shift extends, space selects, F fixes, D designs.

import type { Residue, Structure } from "../engine/types";
import { confidenceColor } from "./colors";
import { html } from "./dom";

const NAMES: Record<string, string> = {
  A: "alanine", C: "cysteine", D: "aspartate", E: "glutamate", F: "phenylalanine", G: "glycine", H: "histidine",
  I: "isoleucine", K: "lysine", L: "leucine", M: "methionine", N: "asparagine", P: "proline", Q: "glutamine",
  R: "arginine", S: "serine", T: "threonine", V: "valine", W: "tryptophan", Y: "tyrosine", X: "unknown",
};

export type Role = "designed" | "fixed" | "masked";

/** What the colors of a strip stand for, then how it is used. */
export function legend(keys: readonly (Role | "tied" | "selected")[], use: string): HTMLElement {
  const name = (key: string) => (key === "masked" ? "without a backbone" : key);
  return html("p", { class: "legend" }, ...keys.map((key) => html("span", { class: `key ${key}` }, name(key))), ` ${use}`);
}

/** What the strip shows of each residue. */
export interface StripLook {
  role(index: number): Role;
  tied(index: number): boolean;
  /** The letter of the design that is shown, and its p. */
  design(index: number): { letter: string; p: number } | undefined;
  colorByConfidence: boolean;
}

/** Hears of selections; and of residues that are to be fixed or designed, where that can be chosen. */
export interface StripHearer {
  selected(indexes: number[]): void;
  fix?(indexes: number[]): void;
  design?(indexes: number[]): void;
}

export class Strip {
  readonly element = html("div", { class: "strip" });
  private readonly list = html("div", {
    role: "listbox",
    tabindex: 0,
    "aria-multiselectable": "true",
    id: "strip",
  });
  private cells: HTMLElement[] = [];
  private residues: Residue[] = [];
  private selection = new Set<number>();
  private cursor = 0;
  private anchor = 0;
  private look: StripLook | undefined;

  constructor(private readonly hearer: StripHearer) {
    const keys = hearer.fix === undefined ? "" : ", F fixes, D designs";
    this.list.setAttribute("aria-label", `Residues. Arrows move, shift with arrows extends, space selects${keys}.`);
    this.element.append(this.list);
    this.list.addEventListener("pointerdown", (event) => this.pointer(event));
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("focus", () => this.mark());
    this.list.addEventListener("blur", () => this.cells[this.cursor]?.classList.remove("cursor"));
  }

  get selected(): number[] {
    return [...this.selection].sort((a, b) => a - b);
  }

  isSelected(index: number): boolean {
    return this.selection.has(index);
  }

  show(structure: Structure): void {
    this.residues = [];
    this.cells = [];
    this.selection.clear();
    this.cursor = this.anchor = 0;
    const groups = structure.chains.map((chain) => {
      const letters = html("div", { class: "letters", role: "presentation" });
      chain.residues.forEach((residue, place) => {
        const index = this.residues.length;
        const cell = html("div", { role: "option", id: `residue-${index}`, class: "cell", "data-index": index });
        // Letters are drawn by the style sheet: what is read out is the name of the residue, not a lone letter.
        cell.append(html("span", { "data-letter": residue.letter }), html("span", { class: "drawn" }));
        if (place % 10 === 0) cell.dataset.number = `${residue.number}${residue.insertion ?? ""}`;
        letters.append(cell);
        this.residues.push(residue);
        this.cells.push(cell);
      });
      const name = `Chain ${chain.id}`;
      return html(
        "div",
        { role: "group", "aria-label": name, class: "chain" },
        html("div", { class: "chain-name", role: "presentation" }, `${name} · ${chain.residues.length} residues`),
        letters,
      );
    });
    this.list.replaceChildren(...groups);
  }

  /** Draws with other roles, letters and colors. */
  draw(look: StripLook): void {
    this.look = look;
    this.cells.forEach((cell, index) => this.drawCell(cell, index));
  }

  private drawCell(cell: HTMLElement, index: number): void {
    const look = this.look;
    if (look === undefined) return;
    const residue = this.residues[index]!;
    const role = look.role(index);
    const selected = this.selection.has(index);
    const design = look.design(index);
    cell.className = `cell ${role}${selected ? " selected" : ""}${look.tied(index) ? " tied" : ""}`;
    cell.classList.toggle("cursor", index === this.cursor && document.activeElement === this.list);
    cell.setAttribute("aria-selected", String(selected));
    const drawn = cell.lastElementChild as HTMLElement;
    drawn.hidden = design === undefined;
    drawn.dataset.letter = design?.letter ?? "";
    drawn.classList.toggle("changed", design !== undefined && design.letter !== residue.letter);
    drawn.style.backgroundColor = design !== undefined && look.colorByConfidence ? confidenceColor(design.p) : "";
    drawn.style.color =
      design !== undefined && look.colorByConfidence ? (design.p > 0.72 || design.p < 0.08 ? "#fff" : "#1a1a1a") : "";
    const says = [`${residue.id}`, NAMES[residue.letter] ?? residue.name, role];
    if (look.tied(index)) says.push("tied");
    if (design !== undefined) says.push(`design ${NAMES[design.letter] ?? design.letter}, p ${design.p.toFixed(2)}`);
    cell.setAttribute("aria-label", says.join(", "));
    cell.title = says.join(", ");
  }

  /** Selects residues, as by a click in the picture. */
  select(indexes: Iterable<number>, add = false): void {
    const before = new Set(this.selection);
    if (!add) this.selection.clear();
    for (const index of indexes) this.selection.add(index);
    this.redraw(before);
  }

  toggle(index: number): void {
    const before = new Set(this.selection);
    if (!this.selection.delete(index)) this.selection.add(index);
    this.cursor = this.anchor = index;
    this.redraw(before);
  }

  /** Selects from the last residue that was clicked to this one. */
  extendTo(index: number): void {
    const [first, last] = this.anchor < index ? [this.anchor, index] : [index, this.anchor];
    const before = new Set(this.selection);
    for (let at = first; at <= last; at += 1) this.selection.add(at);
    this.cursor = index;
    this.redraw(before);
  }

  private redraw(before: Set<number>): void {
    this.cells.forEach((cell, index) => {
      if (before.has(index) !== this.selection.has(index)) this.drawCell(cell, index);
    });
    this.mark();
    this.hearer.selected(this.selected);
  }

  /** Shows where the keyboard is. */
  private mark(): void {
    for (const cell of this.list.querySelectorAll(".cursor")) cell.classList.remove("cursor");
    const cell = this.cells[this.cursor];
    if (cell === undefined) return;
    this.list.setAttribute("aria-activedescendant", cell.id);
    if (document.activeElement === this.list) {
      cell.classList.add("cursor");
      cell.scrollIntoView({ block: "nearest" });
    }
  }

  private pointer(event: PointerEvent): void {
    const cell = (event.target as Element).closest<HTMLElement>(".cell");
    if (cell === null || event.button !== 0) return;
    const index = Number(cell.dataset.index);
    event.preventDefault();
    this.list.focus({ preventScroll: true });
    if (event.shiftKey) this.extendTo(index);
    else this.toggle(index);
  }

  /** The residue above or below, where lines are broken. */
  private vertical(step: 1 | -1): number {
    const here = this.cells[this.cursor]!.getBoundingClientRect();
    let best = this.cursor;
    let distance = Infinity;
    for (let index = this.cursor + step; index >= 0 && index < this.cells.length; index += step) {
      const there = this.cells[index]!.getBoundingClientRect();
      const rows = Math.abs(there.top - here.top);
      if (rows < here.height / 2) continue;
      const far = rows * 1000 + Math.abs(there.left - here.left);
      if (far < distance) [best, distance] = [index, far];
      else if (rows * 1000 > distance) break;
    }
    return best;
  }

  private key(event: KeyboardEvent): void {
    const last = this.cells.length - 1;
    const moves: Record<string, () => number> = {
      ArrowRight: () => Math.min(last, this.cursor + 1),
      ArrowLeft: () => Math.max(0, this.cursor - 1),
      ArrowDown: () => this.vertical(1),
      ArrowUp: () => this.vertical(-1),
      Home: () => 0,
      End: () => last,
    };
    const move = moves[event.key];
    if (move !== undefined) {
      const to = move();
      if (event.shiftKey) {
        this.extendTo(to);
      } else {
        this.cursor = this.anchor = to;
        this.mark();
      }
    } else if (event.key === " ") {
      this.toggle(this.cursor);
    } else if (event.key === "Escape") {
      this.select([]);
    } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      this.select(this.residues.keys());
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key.toLowerCase() === "f") {
      this.hearer.fix?.(this.chosen());
    } else if (event.key.toLowerCase() === "d") {
      this.hearer.design?.(this.chosen());
    } else {
      return;
    }
    event.preventDefault();
  }

  /** What is selected, or else the residue of the cursor. */
  private chosen(): number[] {
    return this.selection.size > 0 ? this.selected : [this.cursor];
  }
}
