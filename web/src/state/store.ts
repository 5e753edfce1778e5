// What the reader of the page has chosen, with undo.

/** Settings that are a request's, as text where the page has a text field. */
export interface Choices {
  /** Indexes of residues that keep their letters, rising. */
  fixed: number[];
  /** Letters that are never drawn at some residues, `A1-5:CM`, one a line. */
  omitAt: string;
  /** Biases at some residues, `A1-5:W=2.0`, one a line. */
  biasAt: string;
  /** Ties, `A1-20=B1-20`, one a line. */
  tie: string;
  homoOligomer: boolean;
  omit: string;
  bias: string;
  charge: string;
  count: string;
  noLigand: boolean;
  numSeqs: number;
  temperature: string;
  seed: number;
  /** The network's label. */
  network: string;
}

export const DEFAULT_CHOICES: Choices = {
  fixed: [],
  omitAt: "",
  biasAt: "",
  tie: "",
  homoOligomer: false,
  omit: "",
  bias: "",
  charge: "",
  count: "",
  noLigand: false,
  numSeqs: 8,
  temperature: "0.1",
  seed: 37,
  network: "",
};

type Hearer = () => void;

/** The choices, those before and those undone. */
export class Store {
  private current: Choices = DEFAULT_CHOICES;
  private past: Choices[] = [];
  private future: Choices[] = [];
  private readonly hearers: Hearer[] = [];

  get choices(): Choices {
    return this.current;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** Hears of every change. */
  onChange(hearer: Hearer): void {
    this.hearers.push(hearer);
  }

  change(change: Partial<Choices>): void {
    const next = { ...this.current, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.current)) return;
    this.past.push(this.current);
    this.future = [];
    this.go(next);
  }

  undo(): void {
    const before = this.past.pop();
    if (before === undefined) return;
    this.future.push(this.current);
    this.go(before);
  }

  redo(): void {
    const after = this.future.pop();
    if (after === undefined) return;
    this.past.push(this.current);
    this.go(after);
  }

  /** Begins anew, for another structure. */
  reset(choices: Choices): void {
    this.past = [];
    this.future = [];
    this.go(choices);
  }

  private go(choices: Choices): void {
    this.current = choices;
    for (const hearer of this.hearers) hearer();
  }
}
