// p of every letter at every residue, N × 20, with the value under the pointer or the keyboard's cursor.

import type { Probabilities, Residue } from "../engine/types";
import { html } from "./dom";

const CELL = 13;
const LEFT = 18;
const TOP = 18;

export class HeatMap {
  readonly element = html("div", { class: "heatmap" });
  private readonly canvas = html("canvas", { tabindex: 0, role: "img" });
  private readonly says = html("output", { class: "value", "aria-live": "polite" }, "Point at a cell, or use the arrow keys.");
  private at = { residue: 0, letter: 0 };
  private data: { probabilities: Probabilities; residues: Residue[] } | undefined;

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

  show(probabilities: Probabilities, residues: Residue[]): void {
    this.data = { probabilities, residues };
    this.canvas.setAttribute("aria-label", `Probabilities of 20 letters at ${residues.length} residues; arrow keys read them`);
    this.draw();
  }

  /** Draws in the colors of the page. */
  draw(): void {
    if (this.data === undefined) return;
    const { probabilities, residues } = this.data;
    const [width, height] = [LEFT + residues.length * CELL + 2, TOP + 20 * CELL + 2];
    const scale = Math.min(window.devicePixelRatio || 1, 16000 / width);
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const context = this.canvas.getContext("2d")!;
    context.scale(scale, scale);
    const style = getComputedStyle(this.canvas);
    const [ink, paper] = [style.color, style.getPropertyValue("--paper").trim() || "#ffffff"];
    const blue = style.getPropertyValue("--heat").trim() || "21, 97, 172";
    context.fillStyle = paper;
    context.fillRect(0, 0, width, height);
    context.font = "10px system-ui, sans-serif";
    context.textBaseline = "middle";
    context.fillStyle = ink;
    for (let letter = 0; letter < 20; letter += 1) {
      context.fillText(probabilities.letters[letter]!, 4, TOP + letter * CELL + CELL / 2);
    }
    residues.forEach((residue, index) => {
      const row = probabilities.values[index]!;
      for (let letter = 0; letter < 20; letter += 1) {
        context.fillStyle = `rgba(${blue}, ${Math.sqrt(Math.exp(row[letter]!)).toFixed(3)})`;
        context.fillRect(LEFT + index * CELL, TOP + letter * CELL, CELL - 1, CELL - 1);
      }
      const native = probabilities.letters.indexOf(residue.letter);
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
    if (this.data === undefined) return;
    const { probabilities, residues } = this.data;
    if (residue < 0 || residue >= residues.length || letter < 0 || letter >= 20) return;
    this.at = { residue, letter };
    const p = Math.exp(probabilities.values[residue]![letter]!);
    const of = residues[residue]!;
    const native = of.letter === probabilities.letters[letter] ? ", native" : "";
    this.says.textContent = `${of.id} ${probabilities.letters[letter]}: p = ${p.toFixed(4)}${native}`;
  }
}
