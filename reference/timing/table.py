"""The rows of the speed table, computed from the raw numbers of a record. Standard library only."""

from dataclasses import dataclass


@dataclass
class Row:
    """Ours against a rival: (arm, field) of one case. Speed-ups and savings are rival over ours."""

    title: str
    case: str
    ours: tuple[str, str]
    rival: tuple[str, str] | None
    rival_name: str
    must: float | None = None
    aim: float | None = None
    # What one number stands for: ours and the rival's are divided by these, such as sequences.
    per: tuple[float, float] = (1, 1)
    unit: str = "ms"
    # "faster": rival over ours, at least; "share": ours alone, at least; "growth": ours over rival, at most.
    kind: str = "faster"

    def result(self, record: dict) -> "Result | None":
        """The row's numbers, or None where an arm was not measured."""
        arms = record["cases"].get(self.case, {}).get("arms", {})
        ours = self._values(arms, self.ours, self.per[0])
        rival = self._values(arms, self.rival, self.per[1]) if self.rival else [1.0] * len(ours)
        if not ours or not rival:
            return None
        ratio = {
            "faster": lambda ours, rival: rival / ours,
            "share": lambda ours, _: ours,
            "growth": lambda ours, rival: ours / rival,
        }[self.kind]
        rounds = [ratio(*pair) for pair in zip(ours, rival)]
        return Result(self, median(ours), median(rival), ratio(median(ours), median(rival)), min(rounds), max(rounds))

    def _values(self, arms: dict, source: tuple[str, str], per: float) -> list[float]:
        arm, field = source
        return [value / per for value in arms.get(arm, {}).get("fields", {}).get(field, {}).get("rounds", [])]


@dataclass
class Result:
    """A row with its medians, their ratio, and the ratio's range over the rounds."""

    row: Row
    ours: float
    rival: float
    ratio: float
    lowest: float
    highest: float

    def reaches(self, target: float | None) -> bool:
        if target is None:
            return False
        return self.ratio <= target if self.row.kind == "growth" else self.ratio >= target

    def cells(self) -> list[str]:
        row = self.row
        share = row.kind == "share"
        unit = {"faster": " ×", "share": " %", "growth": ""}[row.kind]
        ratio = f"{self._ratio(self.ratio)}{unit} ({self._ratio(self.lowest)}–{self._ratio(self.highest)})"
        if self.reaches(row.aim):
            ratio = f"**{ratio}**"
        elif row.must is not None and not self.reaches(row.must):
            ratio += " short"
        return [
            row.title,
            "" if share else f"{digits(self.ours)} {row.unit}",
            row.rival_name if share else f"{row.rival_name}: {digits(self.rival)} {row.unit}",
            ratio,
            self._target(row.must),
            self._target(row.aim),
        ]

    def _ratio(self, ratio: float) -> str:
        return f"{100 * ratio:.0f}" if self.row.kind == "share" else digits(ratio)

    def _target(self, target: float | None) -> str:
        if target is None:
            return ""
        kind = self.row.kind
        return f"{100 * target:g} %" if kind == "share" else f"≤ {target:g}" if kind == "growth" else f"{target:g} ×"


MS = "ms"
PEAK = "peak_mb"
EIGHT, HUNDRED = (8, 8), (100, 100)

ROWS = [
    Row("forward, 5L33, 2 threads", "forward", ("ours", MS), ("official-eager", MS), "PyTorch", 4, 5.5),
    Row("", "forward", ("ours", MS), ("official-inductor", MS), "torch.compile", 3.4, 4.5),
    Row("", "forward", ("ours", MS), ("official-bf16", MS), "PyTorch, autocast bf16"),
    Row("", "forward", ("ours", MS), ("official-fp16", MS), "PyTorch, autocast fp16"),
    Row("", "forward", ("ours", MS), ("colabdesign", MS), "ColabDesign"),
    Row("forward, 5L33, one thread", "forward-one-thread", ("ours-1-thread", MS), ("official-eager", MS),
        "PyTorch, one thread", 4.3, 5.5),
    Row("share of the measured FMA peak, forward, 5L33", "forward", ("ours", "peak_share"), None, "the peak", 0.65, 0.8,
        kind="share"),
    Row("forward, 6EHB (955 residues)", "forward-large", ("ours", MS), ("official-eager", MS), "PyTorch", 7.5, 9.5),
    Row("sample 8, 5L33, per sequence", "sample-8", ("ours", MS), ("official-8", MS), "PyTorch, batch of 8", 28, 36,
        EIGHT),
    Row("", "sample-8", ("ours", MS), ("colabdesign", MS), "ColabDesign, batch of 8", 8, 10, EIGHT),
    Row("sample 100, 5L33, per sequence", "sample-100", ("ours", MS), ("official-8", MS), "PyTorch, batches of 8", 45,
        65, (100, 8)),
    Row("", "sample-100", ("ours", MS), ("official-100", MS), "PyTorch, batch of 100", None, None, HUNDRED),
    Row("", "sample-100", ("ours", MS), ("colabdesign", MS), "ColabDesign, batch of 100", 7, 10, HUNDRED),
    Row("sample 1, 4YOW (681 residues)", "sample-1-medium", ("ours", MS), ("official-1", MS), "PyTorch", 15, 22),
    Row("pack side chains, 5L33, per packing", "pack", ("ours", MS), ("official", MS), "LigandMPNN's packer", 5, 20,
        (4, 4)),
    Row("q16, forward, 5L33", "forward", ("ours-q16", MS), ("ours", MS), "our f32", 1.3, 1.5),
    Row("bf16, forward, 5L33", "forward", ("ours-bf16", MS), ("ours", MS), "our f32"),
    Row("f16, forward, 5L33", "forward", ("ours-f16", MS), ("ours", MS), "our f32"),
    Row("q16, sample 8, 5L33, per sequence", "sample-8", ("ours-q16", MS), ("ours", MS), "our f32", None, None, EIGHT),
    Row("q16, sample 100, 5L33, per sequence", "sample-100", ("ours-q16", MS), ("ours", MS), "our f32", None, None,
        HUNDRED),
    Row("whole process, cold, 8 designs of 5L33", "cold", ("ours", MS), ("official", MS), "protein_mpnn_run.py", 70,
        110),
    Row("peak memory, 8 designs of 5L33", "cold", ("ours", PEAK), ("official", PEAK), "protein_mpnn_run.py", 8, 15,
        unit="MB"),
    Row("peak memory, forward, 6EHB", "memory-large", ("ours", PEAK), ("official", PEAK), "PyTorch", 5, 10, unit="MB"),
    Row("LigandMPNN, sample 8, 1BC8 (93 residues), per sequence", "ligand-8", ("ours", MS), ("official-8", MS),
        "PyTorch, batch of 8", 20, None, EIGHT),
    Row("the same in q16", "ligand-8", ("ours-q16", MS), ("official-8", MS), "PyTorch, batch of 8", None, None, EIGHT),
    Row("LigandMPNN, whole process, 8 designs of 1BC8", "ligand-cold", ("ours", MS), ("official", MS), "run.py", 20),
    Row("two threads over one, forward, 5L33", "forward-one-thread", ("ours", MS), ("ours-1-thread", MS),
        "our one thread", 1.8, 1.95),
    Row("time a residue, 6EHB over 5L33", "forward-large", ("ours", MS), ("ours-small", MS), "our 5L33", 1.2, 1.05,
        (955, 106), kind="growth"),
]

HEADER = ["work", "FastMPNN", "rival", "ratio (range over rounds)", "must", "aim"]


def render_table(record: dict) -> str:
    """Rows whose arms were both measured, as Markdown. A row without a title goes on with the one above."""
    rows, title = [], ""
    shown = None
    for row in ROWS:
        title = row.title or title
        result = row.result(record)
        if result is not None:
            cells = result.cells()
            cells[0] = "" if shown == title else title
            shown = title
            rows.append(cells)
    if not rows:
        raise ValueError("the record has no row whose two sides were both measured")
    lines = [HEADER, ["---"] * len(HEADER), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def median(values: list[float]) -> float:
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def digits(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
