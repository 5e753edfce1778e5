// The structure in 3D. It follows the strip of residues, which is the control: everything here can be done there.

import type { Residue, WrittenFile } from "../engine/types";

interface Atom {
  chain: string;
  resi: number;
  icode?: string;
  resn: string;
}

interface Model3D {
  selectedAtoms(selection: object): Atom[];
}

interface Viewer3D {
  addModel(text: string, format: string, options?: object): Model3D;
  clear(): void;
  render(): void;
  resize(): void;
  zoomTo(selection?: object): void;
  setBackgroundColor(color: string): void;
  setStyle(selection: object, style: object): void;
  addStyle(selection: object, style: object): void;
  setClickable(selection: object, clickable: boolean, callback: (atom: Atom) => void): void;
  setHoverable(selection: object, hoverable: boolean, over: (atom: Atom) => void, out: () => void): void;
  setHoverDuration(milliseconds: number): void;
  modelToScreen(atom: object): { x: number; y: number };
}

/** The color of each residue, and whether it is selected. */
export interface Look {
  color(index: number): string;
  selected(index: number): boolean;
}

/** A key of an atom's residue. */
const keyOf = (chain: string, number: number, insertion: string | null | undefined) =>
  `${chain} ${number} ${(insertion ?? "").trim()}`;

export class StructureViewer {
  private viewer: Viewer3D | undefined;
  private loading: Promise<void> | undefined;
  private places = new Map<string, number>();
  private look: Look | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly picked: (index: number, extend: boolean) => void,
    private readonly hovered: (index: number | undefined) => void,
  ) {
    new ResizeObserver(() => {
      this.viewer?.resize();
      this.viewer?.render();
    }).observe(element);
    // The library tells of clicks without the keys that are held.
    element.addEventListener("pointerdown", (event) => (this.shift = event.shiftKey), { capture: true });
  }

  private shift = false;

  private async start(): Promise<Viewer3D> {
    this.loading ??= import("3dmol/build/3Dmol.es6-min.js").then((library: unknown) => {
      const module = library as { createViewer?: unknown; default?: { createViewer: unknown } };
      const create = (module.createViewer ?? module.default!.createViewer) as (element: HTMLElement, options: object) => Viewer3D;
      this.viewer = create(this.element, { backgroundAlpha: 0, antialias: true, disableFog: false });
    });
    await this.loading;
    return this.viewer!;
  }

  async show(file: WrittenFile, residues: Residue[]): Promise<void> {
    const viewer = await this.start();
    viewer.clear();
    viewer.addModel(file.text, file.ending, { keepH: false });
    this.places = new Map(
      residues.map((residue, index) => [keyOf(residue.chain, residue.number, residue.insertion), index]),
    );
    const indexOf = (atom: Atom) => this.places.get(keyOf(atom.chain, atom.resi, atom.icode));
    viewer.setClickable({}, true, (atom) => {
      const index = indexOf(atom);
      if (index !== undefined) this.picked(index, this.shift);
    });
    viewer.setHoverDuration(60);
    viewer.setHoverable({}, true, (atom) => this.hovered(indexOf(atom)), () => this.hovered(undefined));
    this.theme();
    this.drawNow();
    viewer.zoomTo();
    viewer.render();
  }

  private waiting: ReturnType<typeof setTimeout> | undefined;

  /** Draws with other colors, once for all changes of a moment: each drawing makes the shapes anew. */
  draw(look: Look | undefined): void {
    this.look = look;
    this.waiting ??= setTimeout(() => {
      this.waiting = undefined;
      this.drawNow();
    }, 40);
  }

  private drawNow(): void {
    const look = this.look;
    const viewer = this.viewer;
    if (viewer === undefined) return;
    const indexOf = (atom: Atom) => this.places.get(keyOf(atom.chain, atom.resi, atom.icode));
    const color = (atom: Atom) => {
      const index = indexOf(atom);
      if (index === undefined || look === undefined) return "#b0b0b0";
      return look.selected(index) ? "#e9a820" : look.color(index);
    };
    viewer.setStyle({}, { cartoon: { colorfunc: color, arrows: true } });
    const selected = (atom: Atom) => {
      const index = indexOf(atom);
      return index !== undefined && (look?.selected(index) ?? false);
    };
    viewer.addStyle({ predicate: selected }, { stick: { radius: 0.22, colorfunc: color } });
    const protein = (atom: Atom) => indexOf(atom) !== undefined;
    viewer.addStyle(
      { predicate: (atom: Atom) => !protein(atom) },
      { stick: { radius: 0.18 }, sphere: { scale: 0.25 } },
    );
    viewer.render();
  }

  /** Takes up the colors of the page. */
  theme(): void {
    const background = getComputedStyle(this.element).backgroundColor;
    this.viewer?.setBackgroundColor(background);
    this.viewer?.render();
  }

  /** Where a residue's CA is in the window; for tests of the page. */
  place(residue: Residue): { x: number; y: number } | undefined {
    return this.viewer?.modelToScreen(this.atomOf(residue) as object);
  }

  private atomOf(residue: Residue): Atom | undefined {
    const model = (this.viewer as unknown as { getModel(): Model3D }).getModel();
    const atoms = model.selectedAtoms({ chain: residue.chain, resi: residue.number, atom: "CA" });
    return atoms.find((atom) => (atom.icode ?? "").trim() === (residue.insertion ?? ""));
  }
}
