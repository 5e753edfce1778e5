// A value of every letter at every residue, N × 20, with the one under the pointer or the keyboard's cursor.

import type { Residue } from "../engine/types";
import { html } from "./dom";

/** What a heat map shows. */
export interface HeatTable {
  /** For those who do not see it. */
  label: string;
  /** The letters of the columns. */
  letters: string;
  residues: Residue[];
  /** [N, letters] */
  values: number[][];
  /** How strongly a value is drawn, −1 … 1; less than nothing in the other color. */
  strength(value: number): number;
  /** A value in words. */
  says(value: number): string;
}

const CELL = 13;
const LEFT = 18;
const TOP = 18;

export class HeatMap {
  readonly element = html("div", { class: "heatmap" });
  private readonly canvas = html("canvas", { tabindex: 0, role: "img" });
  private readonly says = html("output", { class: "value", "aria-live": "polite" }, "Point at a cell, or use the arrow keys.");
  private at = { residue: 0, letter: 0 };
  private table: HeatTable | undefined;

  constructor() {
    this.element.append(html("div", { class: "scroll" }, this.canvas), this.says);
    this.canvas.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.go(Math.floor((event.clientX - box.left - LEFT) / CELL), Math.floor((event.clientY - box.top - TOP) / CELL));
    });
    this.canvas.addEventListener("keydown", (event) => {
      const steps: Record<string, [number, number]> = {
        ArrowRight: [1, 0],
        ArrowLeft: [-1, 0],
        ArrowDown: [0, 1],
        ArrowUp: [0, -1],
      };
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.go(this.at.residue + step[0], this.at.letter + step[1]);
    });
  }

  show(table: HeatTable): void {
    this.table = table;
    this.at = { residue: 0, letter: 0 };
    this.canvas.setAttribute("aria-label", `${table.label}; arrow keys read it`);
    this.draw();
  }

  /** Draws in the colors of the page. */
  draw(): void {
    if (this.table === undefined) return;
    const { letters, residues, values, strength } = this.table;
    const [width, height] = [LEFT + residues.length * CELL + 2, TOP + 20 * CELL + 2];
    const scale = Math.min(window.devicePixelRatio || 1, 16000 / width);
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const context = this.canvas.getContext("2d")!;
    context.scale(scale, scale);
    const style = getComputedStyle(this.canvas);
    const [ink, paper] = [style.color, style.getPropertyValue("--paper")];
    const [more, less] = [style.getPropertyValue("--heat"), style.getPropertyValue("--cold")];
    context.fillStyle = paper;
    context.fillRect(0, 0, width, height);
    context.font = "10px system-ui, sans-serif";
    context.textBaseline = "middle";
    context.fillStyle = ink;
    for (let letter = 0; letter < 20; letter += 1) {
      context.fillText(letters[letter]!, 4, TOP + letter * CELL + CELL / 2);
    }
    residues.forEach((residue, index) => {
      const row = values[index]!;
      for (let letter = 0; letter < 20; letter += 1) {
        const part = strength(row[letter]!);
        context.fillStyle = part < 0 ? less : more;
        context.globalAlpha = Math.abs(part);
        context.fillRect(LEFT + index * CELL, TOP + letter * CELL, CELL - 1, CELL - 1);
      }
      context.globalAlpha = 1;
      const native = letters.indexOf(residue.letter);
      if (native >= 0 && native < 20) {
        context.strokeStyle = "#d1793b";
        context.lineWidth = 1.5;
        context.strokeRect(LEFT + index * CELL + 0.5, TOP + native * CELL + 0.5, CELL - 2, CELL - 2);
      }
      if (index % 10 === 0) {
        context.fillStyle = ink;
        context.fillText(residue.id, LEFT + index * CELL, TOP / 2);
      }
    });
  }

  private go(residue: number, letter: number): void {
    if (this.table === undefined) return;
    const { letters, residues, values, says } = this.table;
    if (residue < 0 || residue >= residues.length || letter < 0 || letter >= 20) return;
    this.at = { residue, letter };
    const of = residues[residue]!;
    const native = of.letter === letters[letter] ? ", native" : "";
    this.says.textContent = `${of.id} ${letters[letter]}: ${says(values[residue]![letter]!)}${native}`;
  }
}
