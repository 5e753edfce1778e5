"""The rows of the speed tables, computed from the raw numbers of records. Standard library only.

The README compares with other programs, a column a record; the table of targets holds a record against what FastMPNN is
meant to reach.
"""

from dataclasses import dataclass


@dataclass
class Row:
    """Ours against a rival: (arm, field) of one case. Speed-ups and savings are rival over ours.

    `must` is the least that FastMPNN is meant to reach, `aim` what it aims at.
    """

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
        medians = median(ours), median(rival)
        return Result(self, *medians, ratio(*medians), rounds)

    @property
    def of_another_program(self) -> bool:
        """Whether the rival is another program, and not FastMPNN under other conditions."""
        return self.kind == "faster" and not self.rival_name.startswith("our ")

    def _values(self, arms: dict, source: tuple[str, str], per: float) -> list[float]:
        arm, field = source
        return [value / per for value in arms.get(arm, {}).get("fields", {}).get(field, {}).get("rounds", [])]


@dataclass
class Result:
    """A row with its medians, their ratio, and the ratio of each round in which both were measured."""

    row: Row
    ours: float
    rival: float
    ratio: float
    rounds: list[float]

    def reaches(self, target: float) -> bool:
        return self.ratio <= target if self.row.kind == "growth" else self.ratio >= target

    def brief(self) -> str:
        """For a column among others: the ratio, and what we take."""
        return f"{self._ratio(self.ratio)} ×, {self._amount(self.ours)}"

    def cells(self) -> list[str]:
        """Both sides, the ratio with its range, and the targets."""
        row = self.row
        share = row.kind == "share"
        unit = {"faster": " ×", "share": " %", "growth": ""}[row.kind]
        ratio = f"{self._ratio(self.ratio)}{unit}"
        # One round has no range.
        if len(self.rounds) > 1:
            ratio += f" ({self._ratio(min(self.rounds))}–{self._ratio(max(self.rounds))})"
        return [
            row.title,
            "" if share else self._amount(self.ours),
            row.rival_name if share else f"{row.rival_name}: {self._amount(self.rival)}",
            ratio,
            self._target(row.must),
            self._target(row.aim),
            self._verdict(),
        ]

    def _verdict(self) -> str:
        row = self.row
        if row.aim is not None and self.reaches(row.aim):
            return "aim reached"
        if row.must is None:
            return ""
        return "reached" if self.reaches(row.must) else "short"

    def _amount(self, value: float) -> str:
        return f"{digits(value)} {self.row.unit}"

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
    Row("the same in q16, integers of 16 bits", "ligand-8", ("ours-q16", MS), ("official-8", MS), "PyTorch, batch of 8", None, None, EIGHT),
    Row("LigandMPNN, whole process, 8 designs of 1BC8", "ligand-cold", ("ours", MS), ("official", MS), "run.py", 20),
    Row("two threads over one, forward, 5L33", "forward-one-thread", ("ours", MS), ("ours-1-thread", MS),
        "our one thread", 1.8, 1.95),
    Row("time a residue, 6EHB over 5L33", "forward-large", ("ours", MS), ("ours-small", MS), "our 5L33", 1.2, 1.05,
        (955, 106), kind="growth"),
]

def render_comparison(records: dict[str, dict]) -> str:
    """Every row against another program, as Markdown: a column for each record, by its heading."""
    lines = []
    for title, row in _titled():
        results = [row.result(record) if row.of_another_program else None for record in records.values()]
        if any(results):
            cells = [result.brief() if result else "not measured" for result in results]
            lines.append([title, row.rival_name, *cells])
    return _markdown(["work", "against", *records], _once(lines))


def render_targets(record: dict) -> str:
    """Every row whose two sides were measured, beside its targets, as Markdown."""
    measured = [(title, row.result(record)) for title, row in _titled()]
    lines = [[title, *result.cells()[1:]] for title, result in measured if result]
    header = ["work", "FastMPNN", "against", "ratio (range over rounds)", "must", "aim", ""]
    return _markdown(header, _once(lines))


def _titled() -> list[tuple[str, Row]]:
    """A row without a title goes on with the one above."""
    titled, title = [], ""
    for row in ROWS:
        title = row.title or title
        titled.append((title, row))
    return titled


def _once(lines: list[list[str]]) -> list[list[str]]:
    """Without the titles that repeat the line above."""
    titles = [None, *(line[0] for line in lines)]
    return [["" if line[0] == above else line[0], *line[1:]] for line, above in zip(lines, titles)]


def _markdown(header: list[str], lines: list[list[str]]) -> str:
    if not lines:
        raise ValueError("no row has both of its sides measured")
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, ["---"] * len(header), *lines])


def median(values: list[float]) -> float:
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def digits(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
