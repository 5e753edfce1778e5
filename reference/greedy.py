"""Greedy designs of the published code: sampling at a temperature so low that the best letter is always drawn."""

from dataclasses import dataclass, field

import numpy as np
import torch

from published import ALPHABET, Entry, Recorder
from stages import mean_nll

# Where a letter omitted at one position is the best one there, the published code renormalises what is left after the
# softmax: nothing is left at 1e-6. So a case with such letters samples warmer, and is kept only if greedy all the same.
COLD = 1e-6
COLD_ENOUGH = 0.005
# A case whose best letter wins by less somewhere would test rounding: another order is taken instead.
LEAST_MARGIN = 1e-3
ATTEMPTS = 40


@dataclass
class Case:
    """One design run, in residues (0-based rows of the golden file)."""

    name: str
    fixed: list[int] = field(default_factory=list)
    groups: list[list[int]] = field(default_factory=list)
    weights: dict[int, float] = field(default_factory=dict)  # by residue; 1 where absent
    omitted: str = "X"
    bias: dict[str, float] = field(default_factory=dict)  # by letter
    bias_at: dict[int, dict[str, float]] = field(default_factory=dict)  # by residue and letter
    omitted_at: dict[int, str] = field(default_factory=dict)  # by residue

    @property
    def temperature(self) -> float:
        return COLD_ENOUGH if self.omitted_at else COLD


def dictionaries(entry: Entry, case: Case) -> dict:
    """The dictionaries a user of the published program would write: 1-based positions of a chain, gaps counted."""
    fixed = {chain: [] for chain in entry.chains}
    omitted_at = {chain: [] for chain in entry.chains}
    bias_at = {chain: np.zeros((length, 21)) for chain, length in entry.lengths.items()}
    for index in case.fixed:
        residue = entry.residues[index]
        fixed[residue.chain].append(residue.position + 1)
    for index, letters in case.omitted_at.items():
        residue = entry.residues[index]
        omitted_at[residue.chain].append([[residue.position + 1], letters])
    for index, letters in case.bias_at.items():
        residue = entry.residues[index]
        for letter, value in letters.items():
            bias_at[residue.chain][residue.position, ALPHABET.index(letter)] = value
    result = {
        "fixed_position_dict": {entry.name: fixed},
        "omit_AA_dict": {entry.name: omitted_at},
        "bias_by_res_dict": {entry.name: {chain: rows.tolist() for chain, rows in bias_at.items()}},
    }
    if case.groups:
        groups = []
        for members in case.groups:
            group: dict[str, list[list]] = {}
            for index in members:
                residue = entry.residues[index]
                positions, weights = group.setdefault(residue.chain, [[], []])
                positions.append(residue.position + 1)
                weights.append(case.weights.get(index, 1.0))
            groups.append(group)
        result["tied_positions_dict"] = {entry.name: groups}
    return result


def run(entry: Entry, model, case: Case, first_seed: int) -> tuple[dict[str, np.ndarray], int]:
    """The tensors of the first seed whose design is greedy by a clear margin, and that seed."""
    for seed in range(first_seed, first_seed + ATTEMPTS):
        tensors = attempt(entry, model, case, seed)
        margin = tensors["margin"][tensors["designed"] == 1]
        if margin.min() >= LEAST_MARGIN:
            return {f"greedy.{case.name}.{name}": tensor for name, tensor in tensors.items()}, seed
    raise RuntimeError(f"{entry.name} {case.name}: no clear greedy design in {ATTEMPTS} orders")


def attempt(entry: Entry, model, case: Case, seed: int) -> dict[str, np.ndarray]:
    """One design with the published `sample` or `tied_sample`, scored as the published program does."""
    f = entry.featurize(**dictionaries(entry, case))
    letters = [letter in case.omitted for letter in ALPHABET]
    bias = np.array([case.bias.get(letter, 0.0) for letter in ALPHABET])
    torch.manual_seed(seed)
    randn = torch.randn(f["chain_M"].shape)
    settings = {
        "mask": f["mask"],
        "temperature": case.temperature,
        "omit_AAs_np": np.array(letters).astype(np.float32),
        "bias_AAs_np": bias,
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
    arguments = (f["X"], randn, f["S"], f["chain_M"], f["chain_encoding_all"], f["residue_idx"])
    sample = model.sample
    if case.groups:
        sample = model.tied_sample
        settings |= {"tied_pos": f["tied_pos"][0], "tied_beta": f["tied_beta"]}
    with Recorder(model) as recorder:
        result = sample(*arguments, **settings)
    designed = f["chain_M"] * f["chain_M_pos"]
    log_probs = model(
        f["X"], result["S"], f["mask"], designed, f["residue_idx"], f["chain_encoding_all"], randn,
        use_input_decoding_order=True, decoding_order=result["decoding_order"],
    )
    order = entry.compact_order(result["decoding_order"][0])
    step_logits = np.zeros((len(order), 21), np.float32)
    # One call of W_out a residue, two in `tied_sample`; none for gap rows.
    calls = [logits[0].numpy().reshape(21) for logits in recorder.outputs["W_out"][:: 2 if case.groups else 1]]
    step_logits[order] = np.stack(calls)
    nll, global_score = mean_nll(entry.compact(log_probs), entry.compact(result["S"]))
    designed_rows = entry.compact(designed) == 1
    tensors = {
        "order": order,
        "designed": designed_rows.astype(np.uint8),
        "sequence": entry.compact(result["S"]).astype(np.int32),
        "omitted": np.array(letters).astype(np.uint8),
        "nll": nll,
        "score": np.array([nll[designed_rows].mean(dtype=np.float64)], np.float32),
        "global_score": global_score,
        "log_probs": entry.compact(log_probs),
        "step_logits": step_logits,
    }
    if case.bias or case.bias_at or case.omitted_at:
        tensors["bias"] = bias.astype(np.float32)
        tensors["bias_at"] = entry.compact(f["bias_by_res"])
        tensors["omitted_at"] = entry.compact(f["omit_AA_mask"]).astype(np.uint8)
    if case.groups:
        tensors["group"], tensors["weight"] = group_tensors(entry, f)
    tensors["margin"] = margins(entry, f, tensors, bias)
    return tensors


def group_tensors(entry: Entry, f: dict) -> tuple[np.ndarray, np.ndarray]:
    """The tied group of each residue (−1: none) and its weight, read back from what the published code was given."""
    group = np.full(len(entry.residues), -1, np.int32)
    for number, members in enumerate(f["tied_pos"][0]):
        group[entry.renumbered[members]] = number
    return group, f["tied_beta"].numpy()[entry.kept]


def margins(entry: Entry, f: dict, tensors: dict[str, np.ndarray], bias: np.ndarray) -> np.ndarray:
    """By how much each designed residue's letter beat the next best; negative if it was not the best. 0 where fixed."""
    order = tensors["order"]
    group = tensors.get("group", np.full(len(order), -1))
    weight = tensors.get("weight", np.ones(len(order)))
    bias_at = entry.compact(f["bias_by_res"])
    omitted_at = entry.compact(f["omit_AA_mask"]) == 1
    margin = np.zeros(len(order), np.float32)
    for index in order:
        members = [index] if group[index] < 0 else [other for other in order if group[other] == group[index]]
        last = members[-1]
        if tensors["designed"][last] == 0:
            continue
        values = sum(weight[m] * tensors["step_logits"][m].astype(np.float64) for m in members) / len(members)
        values = values + bias + bias_at[last]
        values[(tensors["omitted"] == 1) | omitted_at[last]] = -np.inf
        chosen = tensors["sequence"][index]
        margin[index] = values[chosen] - np.delete(values, chosen).max()
    return margin


def cases(entry: Entry) -> list[Case]:
    """The greedy cases of an entry: plain, fixed, tied, biased."""
    generator = np.random.default_rng(len(entry.residues))
    count = len(entry.residues)
    fixed = sorted(generator.choice(count, count // 3, replace=False).tolist())
    groups, weights = tied_groups(entry)
    biased = sorted(generator.choice(count, 24, replace=False).tolist())
    return [
        Case("design"),
        Case("fixed", fixed=fixed),
        Case("tied", groups=groups, weights=weights),
        Case(
            "biased",
            omitted="CX",
            bias={"E": -0.5, "K": -0.25, "A": 0.25, "W": 0.75},
            bias_at={index: {"F": 1.5, "L": -1.0, "T": 0.125 * step} for step, index in enumerate(biased[:12])},
            omitted_at={index: ("GPL", "EDKR", "VIT", "AS")[step % 4] for step, index in enumerate(biased[8:])},
        ),
    ]


def tied_groups(entry: Entry) -> tuple[list[list[int]], dict[int, float]]:
    """Equal positions of all chains where there are several, else pairs inside the chain, three of them weighted."""
    if len(entry.chains) == 1:
        # Adjacent residues, three members, an unlike pair, an opposed pair, and a plain pair.
        groups = [[11, 12], [19, 41, 63], [4, 50], [29, 57], [8, 36]]
        weights = {19: 0.5, 41: 1.5, 63: 1.0, 4: 1.0, 50: 0.5, 29: 1.0, 57: -0.5}
        return groups, weights
    index_of = {(residue.chain, residue.position): index for index, residue in enumerate(entry.residues)}
    groups = [
        [index_of[chain, position] for chain in entry.chains]
        for position in range(min(entry.lengths.values()))
        if all((chain, position) in index_of for chain in entry.chains)
    ]
    return groups, {}
