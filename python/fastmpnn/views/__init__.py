"""What notebooks show of structures, designs, scores, scans and packings: HTML without scripts or outside files.

Every function takes strings and arrays and returns a fragment of HTML. All text that comes from the caller is escaped.
Long inputs are cut, with a sentence that says what was left out. Colors follow the page's text color, so the fragments
can be read on light and dark pages.
"""

from __future__ import annotations

from .analyses import packings_html, scan_html, scores_html
from .designs import designs_html
from .heatmap import heatmap_svg
from .logo import information, logo_svg
from .results import of_designs, of_packings, of_scan, of_scores, of_structure
from .structure import structure_html

__all__ = [
    "designs_html",
    "heatmap_svg",
    "information",
    "logo_svg",
    "of_designs",
    "of_packings",
    "of_scan",
    "of_scores",
    "of_structure",
    "packings_html",
    "scan_html",
    "scores_html",
    "structure_html",
]
