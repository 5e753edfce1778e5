// The page: from a structure to designs.

import { EXAMPLES } from "./examples";
import { ServerEngine, serverModels } from "./engine/server";
import type { Design, DesignAnswer, Engine, Native, Network, Plan, Residue, Request, Score, Structure, StructureFile } from "./engine/types";
import { WasmEngine, WasmReader, sentence } from "./engine/wasm";
import { checkSize, fileOf } from "./state/files";
import { choicesOf, fragmentOf } from "./state/fragment";
import { presetChoices } from "./state/presets";
import { analysisOf, commandOf, pythonOf, requestOf, temperatures } from "./state/request";
import { residuesOf, selectionOf } from "./state/selection";
import { DEFAULT_CHOICES, Store } from "./state/store";
import { Analysis } from "./view/analysis";
import { ROLE_COLORS, chainColor, confidenceColor } from "./view/colors";
import { byId, html } from "./view/dom";
import { ResidueTools } from "./view/residues";
import { Results } from "./view/results";
import { SettingsPanel } from "./view/settings";
import { Strip, type Role } from "./view/strip";
import { followTheme } from "./view/theme";
import { StructureViewer } from "./view/viewer";

/** The heat map of larger structures is too wide to look at. */
const MOST_HEAT_RESIDUES = 3000;

interface Loaded {
  file: StructureFile;
  example: string | undefined;
  structure: Structure;
  residues: Residue[];
}

/** A sequence that is shown on the structure. */
type Shown = Pick<Score, "sequence" | "negative_log_likelihood">;

class Page {
  private readonly store = new Store();
  private readonly reader = new WasmReader();
  private readonly engine: Promise<Engine>;
  private networks: Network[] = [];
  private loaded: Loaded | undefined;
  private plan: Plan | undefined;
  private design: Shown | undefined;
  private running: AbortController | undefined;
  private planned = 0;
  private readonly strip: Strip;
  private readonly viewer: StructureViewer;
  private readonly settings: SettingsPanel;
  private readonly results: Results;
  private readonly analysis: Analysis;
  private readonly coloring = byId<HTMLSelectElement>("coloring");
  private readonly tools: ResidueTools;

  constructor() {
    this.strip = new Strip({
      selected: () => this.selected(),
      fix: (indexes) => this.fix(indexes, true),
      design: (indexes) => this.fix(indexes, false),
    });
    this.viewer = new StructureViewer(
      byId("viewer"),
      (index, extend) => (extend ? this.strip.extendTo(index) : this.strip.toggle(index)),
      (index) => this.hover(index),
    );
    this.tools = new ResidueTools(byId("residues"), this.strip.element, {
      fix: (fixed) => this.fix(this.strip.selected, fixed),
      only: () => this.only(this.strip.selected),
      tie: () => this.tie(),
      clear: () => this.strip.select([]),
      select: (expression) => void this.selectBy(expression),
      omit: (letters) => this.addHere("omitAt", letters),
      bias: (text) => this.addHere("biasAt", text),
    });
    this.settings = new SettingsPanel(byId("settings"), this.store, {
      design: () => void this.run(),
      stop: () => this.running?.abort(),
      preset: (name) => void this.preset(name),
    });
    this.results = new Results(byId("results"), {
      shown: (design) => this.show(design),
      structureFile: (design) =>
        this.reader.structureFile(
          this.loaded!.file,
          this.request(),
          design.sequence,
          design.negative_log_likelihood.map((value) => Math.exp(-value)),
        ),
      command: () => commandOf(this.loaded!.file.name, this.request()),
      python: () => pythonOf(this.loaded!.file.name, this.request()),
      fail: (error) => this.fail(error),
    });
    this.analysis = new Analysis(byId("analysis"), {
      score: (fasta, orders) => void this.score(fasta, orders),
      scan: (orders) => void this.scan(orders),
      shown: (score) => this.show(score),
    });
    this.store.onChange(() => this.changed());
    this.controls();
    this.engine = this.start();
    const { choices, example } = choicesOf(location.hash);
    const known = EXAMPLES.find(({ name }) => name === example);
    if (known !== undefined) void this.openExample(known.name, choices);
    else this.store.reset(choices);
  }

  private async start(): Promise<Engine> {
    try {
      const models = location.protocol.startsWith("http") ? await serverModels() : undefined;
      const engine: Engine = models === undefined ? new WasmEngine() : new ServerEngine(models);
      this.networks = await engine.networks();
      this.settings.showNetworks(this.networks);
      if (engine instanceof WasmEngine) await engine.ready();
      byId("engine").textContent = `Ready: designs are made ${engine.place}.`;
      return engine;
    } catch (error) {
      byId("engine").textContent = "The engine could not be started.";
      this.fail(error);
      throw error;
    }
  }

  private controls(): void {
    const file = byId<HTMLInputElement>("file");
    file.addEventListener("change", () => {
      void this.open([...(file.files ?? [])]);
      file.value = "";
    });
    for (const { name, title } of EXAMPLES) {
      const click = () => void this.openExample(name, DEFAULT_CHOICES);
      byId("examples").append(html("button", { type: "button", title, click, "data-example": name }, name));
    }
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      document.body.classList.add("dragging");
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) document.body.classList.remove("dragging");
    });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      document.body.classList.remove("dragging");
      void this.open([...(event.dataTransfer?.files ?? [])]);
    });
    byId("undo").addEventListener("click", () => this.store.undo());
    byId("redo").addEventListener("click", () => this.store.redo());
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      event.preventDefault();
      if (event.shiftKey) this.store.redo();
      else this.store.undo();
    });
    followTheme(() => {
      this.viewer.theme();
      this.results.theme();
      this.analysis.theme();
    });
    this.coloring.addEventListener("change", () => this.draw());
  }

  /** Adds a line about the selected residues to a setting. */
  private addHere(name: "omitAt" | "biasAt", text: string): void {
    const selection = this.selection();
    if (selection === "" || text.trim() === "") return;
    const before = this.store.choices[name];
    this.store.change({ [name]: `${before}${before === "" ? "" : "\n"}${selection}:${text.trim()}` });
  }

  private fail(error: unknown): void {
    if (error instanceof DOMException && error.name === "AbortError") return;
    const text = error instanceof Error ? error.message : String(error);
    this.say(text, "error");
  }

  private say(text: string, kind: "error" | "warning"): void {
    const close = html("button", { type: "button", "aria-label": "Close this message", click: () => line.remove() }, "×");
    const line = html("p", { class: kind }, text, close);
    byId("messages").append(line);
  }

  private async openExample(name: string, choices: typeof DEFAULT_CHOICES): Promise<void> {
    try {
      const { url } = EXAMPLES.find((example) => example.name === name)!;
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
      await this.load({ name, text: await response.text() }, name, choices);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Opens what was dropped: networks are added, and the first structure is shown. */
  private async open(files: File[]): Promise<void> {
    for (const file of files) {
      try {
        checkSize(file);
        if (/\.(pt|safetensors)$/i.test(file.name)) {
          const network = await (await this.engine).addNetwork(file.name, await file.arrayBuffer());
          this.networks = await (await this.engine).networks();
          this.settings.showNetworks(this.networks);
          this.store.change({ network: network.label });
          continue;
        }
        const { numSeqs, temperature, seed, omit, network } = this.store.choices;
        const choices = { ...DEFAULT_CHOICES, numSeqs, temperature, seed, omit, network };
        await this.load(await fileOf(file), undefined, choices);
      } catch (error) {
        this.fail(error);
      }
    }
  }

  private async load(file: StructureFile, example: string | undefined, choices: typeof DEFAULT_CHOICES): Promise<void> {
    this.running?.abort();
    byId("messages").replaceChildren();
    const structure = await this.reader.describe(file, {});
    const residues = residuesOf(structure);
    if (residues.length === 0) throw new Error(`${file.name}: there is no protein in it`);
    this.loaded = { file, example, structure, residues };
    this.design = this.plan = undefined;
    byId("work").hidden = false;
    this.results.clear();
    this.analysis.clear();
    this.strip.show(structure);
    for (const warning of structure.warnings.slice(0, 5)) this.say(warning.text, "warning");
    const known = { ...choices, fixed: choices.fixed.filter((index) => index < residues.length) };
    this.store.reset(known);
    this.selected();
    const shown = this.reader.shown(file, {}).then((written) => this.viewer.show(written, residues));
    shown.catch((error: unknown) => {
      byId("viewer").textContent = "The 3D view cannot be shown in this browser; everything can be done below.";
      console.error(error);
    });
  }

  /** The request of the choices. */
  private request() {
    const network = this.networks.find(({ label }) => label === this.store.choices.network) ?? this.networks[0];
    return requestOf(this.store.choices, this.loaded?.residues ?? [], network);
  }

  private changed(): void {
    byId<HTMLButtonElement>("undo").disabled = !this.store.canUndo;
    byId<HTMLButtonElement>("redo").disabled = !this.store.canRedo;
    const fragment = fragmentOf(this.store.choices, this.loaded?.example);
    history.replaceState(null, "", fragment === "" ? location.pathname + location.search : `#${fragment}`);
    this.settings.draw();
    this.draw();
    void this.replan();
  }

  /** Resolves the choices, and says what they come to. */
  private async replan(): Promise<void> {
    const { loaded } = this;
    if (loaded === undefined) return;
    const turn = (this.planned += 1);
    try {
      const plan = await this.reader.plan(loaded.file, this.request());
      if (turn !== this.planned) return;
      this.plan = plan;
      const said = loaded.structure.warnings.map(({ text }) => text);
      const notices = [...plan.warnings, ...plan.notes].map(sentence).filter((text) => !said.some((known) => text.endsWith(known)));
      this.settings.showPlan([plan.summary, ...new Set(notices.slice(0, 4))].join(". "));
    } catch (error) {
      if (turn !== this.planned) return;
      this.plan = undefined;
      this.settings.showPlan(error instanceof Error ? error.message : String(error));
    }
    this.draw();
  }

  private selection(): string {
    const chosen = new Set(this.strip.selected);
    return selectionOf(this.loaded?.residues ?? [], (index) => chosen.has(index));
  }

  private selected(): void {
    this.tools.show(this.strip.selected.length, this.selection());
    this.viewer.draw(this.look());
  }

  /** Selects the residues of an expression of the program's grammar. */
  private async selectBy(expression: string): Promise<void> {
    if (expression.trim() === "" || this.loaded === undefined) return;
    try {
      const has = await this.has(expression);
      this.strip.select(has.flatMap((has, index) => (has ? [index] : [])));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Whether a selection of the program's grammar has each residue. */
  private async has(selection: string): Promise<boolean[]> {
    return (await this.reader.plan(this.loaded!.file, { redesign: [selection] })).designed;
  }

  private fix(indexes: number[], fixed: boolean): void {
    const all = new Set(this.store.choices.fixed);
    for (const index of indexes) {
      if (fixed) all.add(index);
      else all.delete(index);
    }
    this.store.change({ fixed: [...all].sort((a, b) => a - b) });
  }

  private only(indexes: number[]): void {
    const designed = new Set(indexes);
    this.store.change({ fixed: [...(this.loaded?.residues.keys() ?? [])].filter((index) => !designed.has(index)) });
  }

  /** Ties the selected residues of each chain to those of the others, in their order. */
  private tie(): void {
    const { residues } = this.loaded!;
    const parts = new Map<string, number[]>();
    for (const index of this.strip.selected) {
      const chain = residues[index]!.chain;
      parts.set(chain, [...(parts.get(chain) ?? []), index]);
    }
    const sizes = new Set([...parts.values()].map((part) => part.length));
    if (parts.size < 2 || sizes.size > 1) {
      return this.say("Ties need as many selected residues in each of two or more chains.", "warning");
    }
    const texts = [...parts.values()].map((part) => selectionOf(residues, (index) => part.includes(index)));
    const before = this.store.choices.tie;
    this.store.change({ tie: `${before}${before === "" ? "" : "\n"}${texts.join("=")}` });
  }

  private async preset(name: string): Promise<void> {
    if (this.loaded === undefined) return;
    const { structure, residues } = this.loaded;
    const { selected } = this.strip;
    try {
      const has = (selection: string) => this.has(selection);
      this.store.change(await presetChoices(name, { structure, residues, selected, has }));
    } catch (error) {
      this.fail(error);
    }
  }

  /** One task at a time, which can be stopped. */
  private async exclusively(wanted: number, work: (engine: Engine, loaded: Loaded, signal: AbortSignal) => Promise<void>): Promise<void> {
    const { loaded } = this;
    if (loaded === undefined || this.running !== undefined) return;
    byId("messages").replaceChildren();
    const controller = new AbortController();
    this.running = controller;
    this.analysis.enable(false);
    this.settings.showProgress(0, wanted);
    try {
      await work(await this.engine, loaded, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) this.say("Stopped. What was made so far is below.", "warning");
      else this.fail(error);
    } finally {
      this.running = undefined;
      this.analysis.enable(true);
      this.settings.showProgress(undefined, wanted);
    }
  }

  private run(): Promise<void> {
    const request = this.request();
    const wanted = this.store.choices.numSeqs * Math.max(1, temperatures(this.store.choices.temperature).length);
    return this.exclusively(wanted, async (engine, loaded, signal) => {
      this.results.clear();
      this.show(undefined);
      const partial: DesignAnswer = { native: undefined!, designs: [], warnings: [] };
      try {
        await this.designWith(engine, loaded, request, partial, wanted, signal);
      } catch (error) {
        if (partial.native !== undefined) this.results.show(partial, loaded.structure, loaded.residues);
        throw error;
      }
      this.settings.showProgress(undefined, wanted);
      if (loaded.residues.length > MOST_HEAT_RESIDUES) return;
      const { model, noise, checkpoint, no_ligand } = request;
      const asked = { model, noise, checkpoint, no_ligand };
      const probabilities = await engine.probabilities(loaded.file, asked, signal);
      this.results.showProbabilities(probabilities, loaded.residues);
    });
  }

  /** Designs, and shows what comes. */
  private async designWith(engine: Engine, loaded: Loaded, request: Request, partial: DesignAnswer, wanted: number, signal: AbortSignal): Promise<void> {
    let drawn = 0;
    const tell = () => {
      this.settings.showProgress(partial.designs.length, wanted);
      // A table of thousands is not drawn for each few that come.
      if (partial.native === undefined || performance.now() - drawn < 200) return;
      this.results.show(partial, loaded.structure, loaded.residues);
      drawn = performance.now();
    };
    const listener = {
      native: (native: Native) => {
        partial.native = native;
        tell();
      },
      designs: (designs: Design[]) => {
        partial.designs.push(...designs);
        tell();
      },
    };
    const answer = await engine.design(loaded.file, request, listener, signal);
    this.results.show(answer, loaded.structure, loaded.residues);
    performance.mark("designs-shown");
    for (const warning of new Set(answer.warnings)) this.say(warning, "warning");
    const best = [...answer.designs].sort((a, b) => (a.score ?? Infinity) - (b.score ?? Infinity))[0];
    this.results.choose(best);
    this.results.show(answer, loaded.structure, loaded.residues);
  }

  private score(fasta: string, orders: number): Promise<void> {
    const request = analysisOf(this.request(), orders);
    return this.exclusively(1, async (engine, loaded, signal) => {
      this.analysis.showScores(await engine.score(loaded.file, fasta, request, signal), loaded.structure);
    });
  }

  private scan(orders: number): Promise<void> {
    const request = analysisOf(this.request(), orders);
    return this.exclusively(1, async (engine, loaded, signal) => {
      this.analysis.showScan(await engine.scan(loaded.file, request, signal), loaded.structure, loaded.residues);
    });
  }

  /** Shows a design on the structure. */
  private show(design: Shown | undefined): void {
    this.design = design;
    if (design !== undefined && this.coloring.value === "roles") this.coloring.value = "confidence";
    if (design === undefined && this.coloring.value === "confidence") this.coloring.value = "roles";
    this.draw();
  }

  private hover(index: number | undefined): void {
    const residue = index === undefined ? undefined : this.loaded?.residues[index];
    byId("hovered").textContent =
      residue === undefined ? "Click residues to select them." : `${residue.id} ${residue.name}, ${this.role(index!)}`;
  }

  private role(index: number): Role {
    if (this.loaded?.residues[index]?.masked) return "masked";
    if (this.plan !== undefined) return this.plan.designed[index] ? "designed" : "fixed";
    return this.store.choices.fixed.includes(index) ? "fixed" : "designed";
  }

  private look() {
    const { loaded, design } = this;
    const mode = this.coloring.value;
    const chains = new Map(loaded?.structure.chains.map((chain, index) => [chain.id, index]));
    return {
      selected: (index: number) => this.strip.isSelected(index),
      color: (index: number) => {
        if (mode === "confidence" && design !== undefined) {
          return confidenceColor(confidence(design, index));
        }
        if (mode === "chains") return chainColor(chains.get(loaded!.residues[index]!.chain) ?? 0);
        return ROLE_COLORS[this.role(index)];
      },
    };
  }

  private draw(): void {
    if (this.loaded === undefined) return;
    const { design } = this;
    const tied = new Set((this.plan?.ties ?? []).flat());
    this.strip.draw({
      role: (index) => this.role(index),
      tied: (index) => tied.has(index),
      design: (index) =>
        design && { letter: design.sequence[index]!, p: confidence(design, index) },
      colorByConfidence: design !== undefined,
    });
    this.viewer.draw(this.look());
  }

  /** Where a residue's CA is in the window; for tests of the page. */
  place(id: string): { x: number; y: number } | undefined {
    const residue = this.loaded?.residues.find((residue) => residue.id === id);
    return residue && this.viewer.place(residue);
  }
}

/** p of a letter; 1 where there is no backbone, and so nothing to be unsure of. */
function confidence(design: Shown, index: number): number {
  return Math.exp(-(design.negative_log_likelihood[index] ?? 0));
}

declare global {
  interface Window {
    fastmpnn?: Page;
  }
}
window.fastmpnn = new Page();
