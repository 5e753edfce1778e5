// Tables of a page that was written as HTML: sorted by any column, filtered by words, saved as CSV. Rows under a heading, a row of
// the class `group`, stay under it.

import { tableOf, save } from "../state/downloads";
import { html } from "../view/dom";

/** Rows with the heading that they stand under. */
interface Group {
  heading: HTMLTableRowElement | undefined;
  rows: HTMLTableRowElement[];
}

/** A number of a cell such as `1 234.5`, `−3 %` or `12.0 ×`; undefined where there is none. */
function numberOf(text: string): number | undefined {
  const match = /^[+−-]?[\d\s.,]*\d(e[+−-]?\d+)?/i.exec(text.trim());
  if (match === null) return undefined;
  const value = Number(match[0].replace(/[\s,]/g, "").replace(/−/g, "-"));
  return Number.isFinite(value) ? value : undefined;
}

const cellText = (row: HTMLTableRowElement, column: number) => row.cells[column]?.textContent?.trim() ?? "";

class SortedTable {
  private readonly groups: Group[] = [];
  private readonly body: HTMLTableSectionElement;
  private sort: { column: number; rises: boolean } | undefined;
  private readonly buttons: HTMLButtonElement[] = [];
  private readonly filter = html("input", { type: "search", spellcheck: "false" });

  constructor(private readonly table: HTMLTableElement) {
    this.body = table.tBodies[0]!;
    for (const row of this.body.rows) {
      if (row.classList.contains("group")) this.groups.push({ heading: row, rows: [] });
      else if (this.groups.length === 0) this.groups.push({ heading: undefined, rows: [row] });
      else this.groups.at(-1)!.rows.push(row);
    }
    const heads = [...table.tHead!.rows[0]!.cells];
    heads.forEach((head, column) => {
      const name = head.textContent?.trim() || "Name";
      const button = html("button", { type: "button", click: () => this.by(column) }, name);
      head.replaceChildren(button);
      this.buttons.push(button);
    });
    const caption = table.caption?.textContent ?? "table";
    this.filter.setAttribute("aria-label", `Rows of ${caption} that contain`);
    this.filter.placeholder = "Filter rows";
    this.filter.addEventListener("input", () => this.draw());
    const download = html("button", { type: "button", "aria-label": `Save ${caption} as CSV`, click: () => this.save() }, "CSV");
    table.before(html("div", { class: "table-tools" }, this.filter, download));
  }

  private by(column: number): void {
    // The third time the order is that of the file again.
    if (this.sort?.column !== column) this.sort = { column, rises: true };
    else this.sort = this.sort.rises ? { column, rises: false } : undefined;
    this.draw();
  }

  private shown(group: Group): HTMLTableRowElement[] {
    const words = this.filter.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const about = group.heading?.textContent ?? "";
    const rows = group.rows.filter((row) => {
      const text = `${about} ${row.textContent}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const { sort } = this;
    if (sort === undefined) return rows;
    const sign = sort.rises ? 1 : -1;
    return [...rows].sort((one, other) => {
      const [a, b] = [cellText(one, sort.column), cellText(other, sort.column)];
      const [x, y] = [numberOf(a), numberOf(b)];
      if (sort.column === 0 || (x === undefined && y === undefined)) return sign * a.localeCompare(b, "en", { numeric: true });
      // What has no number is last either way.
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      return sign * (x - y);
    });
  }

  private draw(): void {
    const rows = this.groups.flatMap((group) => {
      const shown = this.shown(group);
      return shown.length > 0 && group.heading !== undefined ? [group.heading, ...shown] : shown;
    });
    this.body.replaceChildren(...rows);
    this.buttons.forEach((button, column) => {
      const sorted = this.sort?.column === column ? this.sort : undefined;
      const head = button.closest("th")!;
      if (sorted === undefined) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", sorted.rises ? "ascending" : "descending");
    });
  }

  private save(): void {
    const headed = this.groups.some(({ heading }) => heading !== undefined);
    const names = this.buttons.map((button) => button.textContent ?? "");
    const rows = this.groups.flatMap((group) =>
      this.shown(group).map((row) => {
        const cells = names.map((_, column) => cellText(row, column));
        return headed ? [group.heading?.textContent ?? "", ...cells] : cells;
      }),
    );
    const section = this.table.closest("section")?.id ?? "table";
    save(`${section}.csv`, tableOf([headed ? ["group", ...names] : names, ...rows]), "text/csv");
  }
}

for (const table of document.querySelectorAll("table")) {
  if (table.tHead !== null && table.tBodies.length > 0) new SortedTable(table);
}
