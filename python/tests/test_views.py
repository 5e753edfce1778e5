"""The HTML and SVG that notebooks show."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

import fastmpnn
from fastmpnn import views
from fastmpnn.views.letters import CLASS_COLORS, CLASSES, COLORS, GROUPED, LETTERS, OUTLINES
from fastmpnn.views.svg import ticks

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert('&\"')</script>"


def labels(count: int, chain: str = "A") -> list[str]:
    return [f"{chain}{number + 1}" for number in range(count)]


def probabilities(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(21, 0.3), count)


def sequences(count: int, residues: int, seed: int = 0) -> list[str]:
    drawn = np.random.default_rng(seed).integers(0, 20, (count, residues))
    return ["".join(LETTERS[index] for index in row) for row in drawn]


class Balanced(HTMLParser):
    """Counts elements, and fails where one is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.names.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(text: str) -> Balanced:
    parser = Balanced()
    parser.feed(text)
    parser.close()
    assert not parser.open
    return parser


def designs(residues: int, count: int, **extra: object) -> str:
    native, *drawn = sequences(count + 1, residues)
    values = np.linspace(0.8, 1.2, count)
    options = {"probabilities": probabilities(residues), "log_probabilities": np.log(probabilities(residues)), **extra}
    return views.designs_html(drawn, values, values / 2, native, np.ones(residues, bool), labels(residues), **options)


def scores(residues: int, count: int, **extra: object) -> str:
    values = np.random.default_rng(1).random((count, residues))
    names = [f"design {number}" for number in range(count)]
    return views.scores_html(
        names, values.mean(1), negative_log_likelihood=values, residue_labels=labels(residues), **extra
    )


def scan(residues: int, **extra: object) -> str:
    change = np.random.default_rng(2).normal(-2, 2, (residues, 21))
    return views.scan_html(change, labels(residues), "G" * residues, **extra)


def packings(residues: int, count: int, **extra: object) -> str:
    values = np.random.default_rng(3).normal(2, 2, (count, residues))
    return views.packings_html(
        labels(count),
        range(count),
        values.mean(1),
        residue_log_densities=values,
        residue_labels=labels(residues),
        **extra,
    )


@pytest.mark.parametrize("residues", [1, 59, 61, 1000])
@pytest.mark.parametrize("count", [1, 1000])
def test_views_of_all_sizes_are_whole_and_small(residues: int, count: int) -> None:
    texts = [
        designs(residues, count),
        scores(residues, count),
        scan(residues),
        packings(residues, count),
        views.structure_html("s", "A" * residues, labels(residues), chains=["A"]),
    ]
    for text in texts:
        names = set(parsed(text).names)
        assert not names & {"script", "link", "img", "iframe", "object", "foreignobject"}
        assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"url\(|@import|@font-face", text)
        assert len(text) < 700_000
        for picture in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
            root = ElementTree.fromstring(picture)
            assert root[0].tag == f"{SVG}title" and root[0].text
            assert root.get("role") == "img" and root.get("aria-label") == root[0].text
            assert not re.search(r"[^a-z](nan|inf)[^a-z]", picture)


def test_what_is_left_out_is_said() -> None:
    text = designs(1000, 1000)
    assert "The first 20 of 1,000 designs are shown; 980 are left out." in text
    assert text.count("The first 360 of 1,000 residues are shown; 640 are left out.") == 3
    assert "left out" not in designs(360, 20)
    assert "The first 50 of 51 sequences are shown; 1 is left out." in scores(10, 51)
    assert "The first 20 of 51 sequences are shown; 31 are left out." in scores(10, 51)
    assert "The first 10 of 19 mutations, ordered by change, are shown; 9 are left out." in scan(1)
    text = views.structure_html("s", "A" * 2000, labels(2000), chains=["A"], warnings=["w"] * 25)
    assert "The first 1,000 of 2,000 residues are shown; 1,000 are left out." in text
    assert "The first 20 of 25 warnings are shown; 5 are left out." in text


def test_text_of_the_caller_is_escaped() -> None:
    texts = [
        designs(5, 2, name=NASTY, names=[NASTY, "b"], warnings=[NASTY], chains=[NASTY]),
        views.scores_html([NASTY], [1.0], name=NASTY, negative_log_likelihood=[[1.0]], residue_labels=[NASTY]),
        views.scan_html(np.zeros((1, 21)), [NASTY], "<", name=NASTY),
        views.packings_html([NASTY], [0], [1.0], name=NASTY, residue_log_densities=[[1.0]], residue_labels=[NASTY]),
        views.structure_html(NASTY, "A", [NASTY], chains=[NASTY], warnings=[NASTY]),
        views.logo_svg(probabilities(1), [NASTY], title=NASTY, native="<"),
        views.heatmap_svg([[1.0]], [NASTY], [NASTY], title=NASTY, unit=NASTY, low_words=NASTY, high_words=NASTY),
    ]
    for text in texts:
        parser = parsed(text)
        assert "script" not in parser.names
        assert "<script" not in text


def test_mutations_are_marked_and_counted() -> None:
    text = views.designs_html(
        ["ACDW/FGH", "ACDE/FGH"], [0.5, 0.25], [0.8, 1.0], "ACDE/FGH", [1, 1, 1, 1, 1, 1, 0], labels(4) + labels(3, "B")
    )
    assert text.count("<b>W</b>") == 1 and text.count("<b>") == 1
    assert "FG<u>H</u>" in text
    assert "Gray: residues that were not designed." in text
    # A block ends where a chain does.
    blocks = re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL)
    assert len(blocks) == 2 and "A1" in blocks[0] and "B1" in blocks[1]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", text)]
    assert cells[1:] == [["1", "0.5000", "80.0%", "1"], ["2", "0.2500", "100.0%", "0"]]


def test_chains_that_were_not_designed_are_named_and_left_out() -> None:
    text = views.designs_html(
        ["ACDE/KKK/WW"],
        [0.5],
        [0.8],
        "ACDF/KKK/WW",
        [1, 1, 1, 1, 0, 0, 0, 0, 1],
        labels(4) + labels(3, "B") + labels(2, "C"),
        chains=["A", "B", "C"],
        probabilities=probabilities(9),
        log_probabilities=np.log(probabilities(9)),
    )
    assert "Chain B was not designed and is left out." in text
    assert "KKK" not in text and "B1" not in text and "C1" in text
    assert "5 of 9 residues designed" in text
    text = views.designs_html(["A/C"], [0.5], [0.8], "A/C", [0, 0], ["A1", "B1"], chains=["A", "B"])
    assert "left out" not in text and text.count("<pre>") == 2


def test_sequences_and_pictures_wrap_at_60_residues() -> None:
    text = views.structure_html("s", "A" * 61 + "/" + "C" * 3, labels(64), chains=["A", "B"])
    lines = [line for block in re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL) for line in block.split("\n")[1:]]
    assert lines == ["A" * 60, "A", "CCC"]
    one, two = (ElementTree.fromstring(views.logo_svg(probabilities(n), labels(n))) for n in (60, 61))
    assert float(one.get("width", "0")) == float(two.get("width", "0"))
    assert float(one.get("height", "0")) < float(two.get("height", "0"))


def heights_of_letters(picture: str) -> list[dict[str, float]]:
    """The height of each letter of each column, px."""
    letters = {outline: letter for letter, outline in OUTLINES.items()}
    columns = []
    for group in ElementTree.fromstring(picture).iter(f"{SVG}g"):
        if group.get("fill-rule") == "evenodd":
            column = {}
            for path in group.iter(f"{SVG}path"):
                letter = letters[path.get("d", "")]
                assert path.get("fill") == COLORS[letter]
                column[letter] = 100 * float(re.findall(r"[-\d.]+", path.get("transform", ""))[3])
            columns.append(column)
    return columns


def test_letters_of_a_logo_are_as_tall_as_their_information() -> None:
    certain, half, unsure = np.zeros(21), np.zeros(21), np.full(21, 1 / 21)
    certain[LETTERS.index("W")] = 1
    half[[LETTERS.index("D"), LETTERS.index("E")]] = 0.5
    nothing = np.full(21, np.nan)
    columns = heights_of_letters(views.logo_svg([certain, half, unsure, nothing], labels(4), native="WDAX"))
    full = columns[0]["W"]
    assert set(columns[0]) == {"W"} and set(columns[1]) == {"D", "E"} and columns[2] == {} == columns[3]
    bits = math.log2(20)
    assert columns[1]["D"] == pytest.approx(full * 0.5 * (bits - 1) / bits, abs=0.02)
    # X takes no part.
    with_x = np.zeros(21)
    with_x[[LETTERS.index("W"), LETTERS.index("X")]] = 0.5
    assert heights_of_letters(views.logo_svg([with_x], labels(1)))[0]["W"] == pytest.approx(full)
    heights = views.information(probabilities(40))
    entropy = -(heights / heights.sum(1, keepdims=True) * np.log2(heights / heights.sum(1, keepdims=True))).sum(1)
    assert np.allclose(heights.sum(1), bits - entropy)


def test_residues_that_are_not_designed_are_pale() -> None:
    picture = views.logo_svg(probabilities(3), labels(3), designed_mask=[True, False, True])
    assert picture.count('opacity="0.4"') == 1
    assert "Pale: residues that are not designed." in picture


def covered(picture: str) -> dict[str, int]:
    """How many cells have each color and opacity."""
    cells: dict[str, int] = {}
    for path in ElementTree.fromstring(picture).iter(f"{SVG}path"):
        if path.get("shape-rendering") == "crispEdges":
            wide = sum(int(width) for width in re.findall(r"h(\d+)v", path.get("d", "")))
            key = f"{path.get('fill')} {path.get('fill-opacity')}"
            cells[key] = cells.get(key, 0) + wide // 12
    return cells


def test_cells_of_a_heat_map_show_sign_and_size() -> None:
    picture = views.heatmap_svg([[-2.0, 0.0, 1.0], [2.0, np.nan, -9.0]], labels(2), "ACD", low=-2, high=2)
    assert covered(picture) == {"#dc5200 1.00": 2, "#2f86d6 0.50": 1, "#2f86d6 1.00": 1, "#808080 0.45": 1}
    assert "≤ −2" in picture and "2 nats" in picture and "no value" in picture
    picture = views.heatmap_svg([[0.0, 5.0, 10.0]], labels(1), "ACD", scale="sequential", unit="counts")
    assert covered(picture) == {"#2f86d6 0.50": 1, "#2f86d6 1.00": 1}
    assert "10 counts" in picture and "no value" not in picture and "≤" not in picture
    picture = views.heatmap_svg(np.full((3, 2), -np.inf), labels(3), "AC", scale="sequential", low=-6, high=0)
    assert covered(picture) == {}


def test_native_letters_are_dotted() -> None:
    picture = views.heatmap_svg(np.zeros((4, 20)), labels(4), LETTERS[:20], native="AC/X-")
    (dots,) = (
        path.get("d", "")
        for path in ElementTree.fromstring(picture).iter(f"{SVG}path")
        if path.get("fill") == "currentColor"
    )
    assert dots.count("M") == 2
    assert "Dots: native letters." in picture


def test_the_best_mutations_come_first() -> None:
    change = np.full((2, 21), -1.0)
    change[0, LETTERS.index("G")] = change[1, LETTERS.index("A")] = 0.0
    change[1, LETTERS.index("K")] = 2.5
    change[0, LETTERS.index("W")] = 0.25
    change[0, LETTERS.index("X")] = 9.0
    text = views.scan_html(change, ["A10", "A11"], "GA", top=2)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", text)]
    assert cells[1:] == [["A11", "A", "K", "+2.50"], ["A10", "G", "W", "+0.25"]]
    assert "2 residues, 2 of 38 mutations likelier" in text


def test_values_that_are_not_numbers_are_dashes() -> None:
    text = views.designs_html(["A"], [np.nan], [np.nan], "X", [True], ["A1"])
    assert text.count("<td>–</td>") == 2
    text = views.scores_html(["a", "b"], [np.nan, 1.0])
    assert "Least" not in text and "–" in text


def test_nothing_at_all_is_shown_as_such() -> None:
    assert "0 designs" in views.designs_html([], [], [], "A", [True], ["A1"])
    assert "0 scores" in views.scores_html([], [])
    assert "0 packings" in views.packings_html([], [], [])
    assert "0 residues" in views.structure_html("s", "", [], chains=[""])
    ElementTree.fromstring(views.logo_svg(np.zeros((0, 21)), []))
    ElementTree.fromstring(views.heatmap_svg(np.zeros((0, 21)), [], LETTERS))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: views.logo_svg(np.zeros((2, 20)), labels(2)), r"probabilities has the shape \[2, 20\], not \[N, 21\]"),
        (lambda: views.logo_svg(np.zeros((2, 21)), labels(3)), "3 labels for 2 residues"),
        (lambda: views.logo_svg(np.zeros((2, 21)), labels(2), native="A"), "1 native letters for 2 residues"),
        (lambda: views.heatmap_svg(np.zeros((2, 3)), labels(2), "AC"), "2 labels for 3 columns"),
        (lambda: views.heatmap_svg(np.zeros((2, 3)), labels(2), "ACD", scale="rainbow"), "rainbow"),
        (lambda: views.heatmap_svg(np.zeros((1, 1)), labels(1), "A", scale="sequential", low=2, high=1), "below"),
        (lambda: views.scan_html(np.zeros((2, 20)), labels(2), "AC"), r"not \[2, 21\]"),
        (lambda: views.designs_html(["A"], [1.0], [1.0], "AC", [1, 1], labels(2)), "sequence 1 has 1 letters"),
        (lambda: views.designs_html(["AC"], [1.0, 2.0], [1.0], "AC", [1, 1], labels(2)), r"scores has the shape \[2\]"),
        (lambda: views.structure_html("s", "A/C", labels(2), chains=["A"]), "1 chain ids for 2 chains"),
    ],
)
def test_arrays_of_the_wrong_shape_are_refused(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]


def test_labels_are_at_tens_and_do_not_touch() -> None:
    names = [f"A{number}" for number in range(-1, 105)]
    chosen = ticks(names, range(60), 0.5)
    assert [names[index] for index in chosen] == ["A-1", "A10", "A20", "A30", "A40", "A50"]
    long = [f"chain{number}" for number in range(60)]
    chosen = ticks(long, range(60), 0.7, [13])
    assert 0 in chosen and 13 in chosen
    reach = [(len(long[index]) + 1) * 0.7 / 2 for index in chosen]
    assert all(b - a >= p + q for a, b, p, q in zip(chosen, chosen[1:], reach, reach[1:], strict=False))
    letters = [f"residue {chr(97 + number % 26)}" for number in range(40)]
    assert len(ticks(letters, range(40), 0.1)) == 4
    gap = ["A46", "A47", "A48", "A49", "A116", "A117", "B3"]
    assert [gap[index] for index in ticks(gap, range(7), 0.5)] == ["A46", "A116"]


def test_the_alphabet_is_the_package_s() -> None:
    assert LETTERS == fastmpnn.ALPHABET
    assert sorted(GROUPED) == sorted(LETTERS) == sorted(OUTLINES) == sorted(COLORS)


def linear(color: str) -> np.ndarray:
    values = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB, D65."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = (
        value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116
        for value in (np.array(matrix) @ np.clip(rgb, 0, 1)) / [0.9505, 1.0, 1.089]
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# Machado, Oliveira and Fernandes 2009, severity 1.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


@pytest.mark.parametrize("vision", VISION)
def test_colors_of_classes_differ_for_color_blind_readers(vision: str) -> None:
    seen = {name: lab(VISION[vision] @ linear(CLASS_COLORS[name])) for name in CLASSES if name != "unknown"}
    for (first, a), (second, b) in combinations(seen.items(), 2):
        assert np.linalg.norm(a - b) > 20, (first, second, np.linalg.norm(a - b))


@pytest.mark.parametrize("page", ["#ffffff", "#1e1e1e"])
def test_colors_of_letters_stand_out_on_light_and_dark_pages(page: str) -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    below = float(weights @ linear(page))
    for color in [*CLASS_COLORS.values(), "#2f86d6", "#dc5200"]:
        light, dark = sorted([float(weights @ linear(color)), below], reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 3.0, color
