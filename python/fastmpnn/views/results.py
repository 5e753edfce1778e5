"""The views of the package's own results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .analyses import mutants_html, packings_html, scan_html, scores_html
from .designs import designs_html
from .letters import LETTERS
from .structure import structure_html

if TYPE_CHECKING:
    from fastmpnn._designs import Designs
    from fastmpnn._packings import Packings
    from fastmpnn._scan import Scan
    from fastmpnn._scores import Scores
    from fastmpnn._structure import Structure


def of_structure(structure: Structure) -> str:
    """What a notebook shows of a structure."""
    return structure_html(
        structure.name,
        structure.sequence,
        structure.residue_ids,
        chains=structure.chains,
        resolved=structure.resolved,
        ligand_atoms=structure.ligand_atoms,
        warnings=structure.warnings,
    )


def of_designs(designs: Designs) -> str:
    """What a notebook shows of designs."""
    structure = designs.structure
    temperatures = np.round(designs.temperatures.astype(np.float64), 6)
    several = len(np.unique(temperatures)) > 1
    return designs_html(
        designs.sequences,
        designs.scores,
        designs.recovery,
        structure.sequence,
        designs.designed,
        structure.residue_ids,
        name=structure.name,
        chains=structure.chains,
        names=[
            f"{temperature:g}, {sample + 1}" if several else f"{sample + 1}"
            for temperature, sample in zip(temperatures.tolist(), designs.samples.tolist(), strict=True)
        ],
        temperatures=temperatures,
        global_scores=None if designs.designed.all() else designs.global_scores,
        probabilities=designs.probabilities,
        log_probabilities=designs.log_probabilities,
        warnings=designs.warnings,
    )


def of_scores(scores: Scores) -> str:
    """What a notebook shows of scores."""
    structure = scores.structure
    return scores_html(
        scores.names,
        scores.scores,
        global_scores=None if scores.counted.all() else scores.global_scores,
        deviations=scores.deviations if np.isfinite(scores.deviations).any() and scores.deviations.any() else None,
        negative_log_likelihood=scores.negative_log_likelihood,
        residue_labels=structure.residue_ids,
        chain_ids=structure.chain_ids,
        name=structure.name,
        warnings=scores.warnings,
    )


def of_scan(scan: Scan) -> str:
    """What a notebook shows of a mutation scan."""
    structure = scan.structure
    if scan.mutants:
        mutants = scan.mutants
        return mutants_html(
            [mutant.name for mutant in mutants],
            [mutant.change for mutant in mutants],
            [mutant.coupling for mutant in mutants],
            name=structure.name,
        )
    chains = dict(zip(structure.residue_ids, structure.chain_ids, strict=True))
    return scan_html(
        scan.change,
        scan.residues,
        "".join(LETTERS[letter] for letter in scan.native),
        name=structure.name,
        chain_ids=[chains.get(residue, "") for residue in scan.residues],
    )


def of_packings(packings: Packings) -> str:
    """What a notebook shows of packings."""
    return packings_html(
        [f"{record}, packing {pack}" for record, pack in zip(packings.records, packings.packs, strict=True)],
        packings.clashes,
        packings.log_density,
        name=packings.structure.name,
    )
