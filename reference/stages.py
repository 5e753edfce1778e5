"""The tensors of every stage of the published network, for a sample of residues and edges."""

import numpy as np
import torch

from published import Entry, Recorder, decoding_order

NODE_SAMPLES = 24
EDGE_SAMPLES = 6
CONDITIONAL_SAMPLES = 8


def identity(entry: Entry) -> dict[str, np.ndarray]:
    """Who each row is, and what the network is given of it."""
    return {
        "residue_chain": np.array([ord(r.chain) for r in entry.residues], np.uint8),
        "residue_number": np.array([r.number for r in entry.residues], np.int32),
        "insertion": np.array([ord(r.insertion or "\0") for r in entry.residues], np.uint8),
        "sequence": entry.compact(entry.features["S"]).astype(np.int32),
        "sequence_position": np.array([r.position for r in entry.residues], np.int32),
        "residue_idx": entry.compact(entry.features["residue_idx"]).astype(np.int32),
        "alpha" if entry.ca_only else "backbone": entry.compact(entry.features["X"]),
    }


def neighbour_numbers(entry: Entry, model) -> tuple[np.ndarray, np.ndarray]:
    """The published neighbours by residue and their Cα distances, [N, K] both."""
    X = entry.features["X"]
    # The CA-only featurizer returns a mask as well.
    distances, neighbours = model.features._dist(X if entry.ca_only else X[:, :, 1], entry.features["mask"])[:2]
    compacted = entry.renumbered[entry.compact(neighbours)]
    assert (compacted >= 0).all(), f"{entry.name}: a gap row is a neighbour"
    return compacted.astype(np.int32), entry.compact(distances)


def samples(entry: Entry, neighbours: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sampled rows for nodes, rows for edges, and neighbour slots; residues beside a gap are always among the rows."""
    generator = np.random.default_rng(seed)
    beside_gap = [
        index
        for index in range(1, len(entry.residues))
        if entry.residues[index].row != entry.residues[index - 1].row + 1
    ]
    others = [row for row in generator.permutation(len(entry.residues)) if row not in beside_gap]
    nodes = (beside_gap + others)[:NODE_SAMPLES]
    slots = np.unique(np.linspace(0, neighbours - 1, EDGE_SAMPLES).round().astype(int))
    return np.sort(nodes), np.sort(nodes[:EDGE_SAMPLES]), slots


def mean_nll(log_probs: np.ndarray, sequence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """−log p of each residue's letter, and the mean over residues."""
    nll = -np.take_along_axis(log_probs, sequence[:, None].astype(np.int64), axis=1)[:, 0]
    return nll, np.array([nll.mean(dtype=np.float64)], np.float32)


def record(entry: Entry, model, seed: int) -> dict[str, np.ndarray]:
    """Every stage of a teacher-forced pass, and the conditional and unconditional probabilities."""
    tensors = identity(entry)
    tensors["neighbours"], distances = neighbour_numbers(entry, model)
    node_rows, edge_rows, slots = samples(entry, tensors["neighbours"].shape[1], seed)

    torch.manual_seed(seed)
    designed = entry.features["chain_M"] * entry.features["mask"]
    order = decoding_order(designed, torch.randn(designed.shape))
    with Recorder(model) as recorder:
        log_probs = model(
            *entry.forward_arguments(), randn=None, use_input_decoding_order=True, decoding_order=order
        )

    def nodes(tensor: torch.Tensor) -> np.ndarray:
        return entry.compact(tensor)[node_rows]

    def edges(tensor: torch.Tensor) -> np.ndarray:
        return entry.compact(tensor)[edge_rows][:, slots]

    (edge_input,) = recorder.inputs["features.edge_embedding"]
    positional = recorder.only("features.embeddings")
    positional_channels = positional.shape[-1]
    assert torch.equal(edge_input[..., :positional_channels], positional)
    tensors |= {
        "node_rows": node_rows.astype(np.int32),
        "edge_rows": edge_rows.astype(np.int32),
        "edge_slots": slots.astype(np.int32),
        "edge_neighbours": tensors["neighbours"][edge_rows][:, slots],
        "neighbour_distance": distances[node_rows],
        "edges.positional": edges(positional),
        "edges.rbf": edges(edge_input[..., positional_channels:]),
        "edges.normalised": edges(recorder.only("features.norm_edges")),
        "edges.embedded": edges(recorder.only("W_e")),
    }
    for layer in range(len(model.encoder_layers)):
        hidden_nodes, hidden_edges = recorder.only(f"encoder_layers.{layer}")
        tensors[f"encoder.{layer}.nodes"] = nodes(hidden_nodes)
        tensors[f"encoder.{layer}.edges"] = edges(hidden_edges)
    for layer in range(len(model.decoder_layers)):
        tensors[f"decoder.{layer}.nodes"] = nodes(recorder.only(f"decoder_layers.{layer}"))

    tensors["order"] = entry.compact_order(order[0])
    tensors["log_probs"] = entry.compact(log_probs)
    if not entry.ca_only:
        # A CA-only network sees a gap row as a CA at the origin.
        assert_gap_rows_are_inert(entry, model, tensors)
    tensors["nll"], tensors["score"] = mean_nll(tensors["log_probs"], tensors["sequence"])
    if not hasattr(model, "conditional_probs"):
        return tensors
    return tensors | probabilities(entry, model, node_rows, seed)


def assert_gap_rows_are_inert(entry: Entry, model, tensors: dict[str, np.ndarray]) -> None:
    """The network run on the residues alone, without gap rows, must give the compacted result."""
    arguments = [argument[:, entry.kept] for argument in entry.forward_arguments()]
    order = torch.from_numpy(tensors["order"]).long()[None]
    alone = model(*arguments, randn=None, use_input_decoding_order=True, decoding_order=order)[0].numpy()
    worst = np.abs(alone - tensors["log_probs"]).max()
    assert worst < 1e-5, f"{entry.name}: gap rows change log p by {worst}"


def probabilities(entry: Entry, model, node_rows: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """The published unconditional probabilities, and the conditional ones of a few of the sampled rows."""
    X, S, mask, designed, residue_idx, chains = entry.forward_arguments()
    unconditional = model.unconditional_probs(X, mask, residue_idx, chains)
    rows = np.random.default_rng(seed).choice(node_rows, CONDITIONAL_SAMPLES, replace=False)
    rows.sort()
    only_rows = torch.zeros_like(designed)
    only_rows[0, entry.kept[rows]] = 1.0
    torch.manual_seed(seed + 1)
    randn = torch.randn(designed.shape)
    conditional = model.conditional_probs(X, S, mask, only_rows, residue_idx, chains, randn)
    orders = []
    for row in entry.kept[rows]:
        last = torch.zeros_like(designed)
        last[0, row] = 1.0
        orders.append(entry.compact_order(decoding_order(last, randn)[0]))
        assert entry.kept[orders[-1][-1]] == row
    return {
        "unconditional_log_probs": entry.compact(unconditional),
        "conditional_rows": rows.astype(np.int32),
        "conditional_order": np.stack(orders),
        "conditional_log_probs": entry.compact(conditional)[rows],
    }
