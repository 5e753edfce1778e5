"""Which network ``mk_mpnn_model`` means, and its parameters under ColabDesign's names."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

import fastmpnn as fm
from fastmpnn.compat._backbone import BackboneModel, GradientError
from fastmpnn.compat._haiku_weights import (
    ENDINGS,
    Array,
    equal,
    from_published,
    model_of,
    read_parameters,
    read_safetensors,
)

if TYPE_CHECKING:
    from fastmpnn.compat.colabdesign import mk_mpnn_model

#: ColabDesign's names of the networks, and their training noise in Å.
NOISE = {"v_48_002": 0.02, "v_48_010": 0.10, "v_48_020": 0.20, "v_48_030": 0.30}

#: ColabDesign's words for FastMPNN's families.
FAMILIES = {"original": "protein", "soluble": "soluble"}

#: Endings of files that :class:`fastmpnn.Model` reads itself.
OWN_ENDINGS = (".safetensors", ".pt")


@dataclass(frozen=True)
class NetworkChoice:
    """A published network, or a file.

    Attributes
    ----------
    family : str
        ``protein`` or ``soluble``; ignored where there is a file.
    noise : float
        The training noise, Å; likewise.
    file : str, optional
        The checkpoint.
    """

    family: str = "protein"
    noise: float = 0.2
    file: str | None = None

    @staticmethod
    def of(model_name: str, weights: str) -> NetworkChoice:
        """Give the network that ColabDesign's words name.

        Raises
        ------
        CheckpointError
            Where there is no such network or file.
        """
        name = model_name.removesuffix(".pkl")
        if weights in FAMILIES and name in NOISE:
            return NetworkChoice(FAMILIES[weights], NOISE[name])
        path = Path(weights)
        if path.is_file():
            return NetworkChoice(file=str(path.resolve()))
        places = [path] if path.is_dir() else _places(weights)
        for folder in places:
            for ending in (*OWN_ENDINGS, *ENDINGS):
                if (found := folder / f"{name}{ending}").is_file():
                    return NetworkChoice(file=str(found.resolve()))
        endings = ", ".join((*OWN_ENDINGS, *ENDINGS))
        searched = ", ".join(str(folder) for folder in places)
        raise fm.CheckpointError(
            f"weights={weights!r} with model_name={model_name!r}: the names of FastMPNN are {', '.join(NOISE)} with "
            f"'original' or 'soluble'; other networks are files {name} ({endings}), and there is none in {searched}. "
            "The path of a checkpoint will do as well"
        )

    def load(self) -> fm.Model:
        """Load the network."""
        if self.file is None:
            return fm.Model(self.family, self.noise)
        if Path(self.file).suffix in ENDINGS:
            parameters, neighbors = read_parameters(self.file)
            return model_of(parameters, neighbors)
        return fm.Model(self.file)

    def parameters(self) -> dict[str, dict[str, Array]]:
        """Read the network's parameters under ColabDesign's names."""
        if self.file is None:
            return from_published(self.load().tensors())
        path = Path(self.file)
        if path.suffix in ENDINGS:
            return read_parameters(path)[0]
        if path.suffix == ".safetensors":
            return from_published(read_safetensors(path.read_bytes()))
        return from_published(self.load().tensors())


def _places(weights: str) -> list[Path]:
    """Give the folders in which a network of that name may be: FastMPNN's, and those of ColabDesign's package."""
    places = [weights_folder()]
    spec = importlib.util.find_spec("colabdesign") if "colabdesign" not in sys.modules else None
    package = sys.modules.get("colabdesign")
    roots = (
        list(getattr(package, "__path__", [])) if package else list((spec and spec.submodule_search_locations) or [])
    )
    for root in roots:
        mpnn = Path(root) / "mpnn"
        places += [mpnn / f"weights_{weights}", mpnn / "weights"]
    return places


def weights_folder() -> Path:
    """Give the folder of checkpoints: that of ``FASTMPNN_WEIGHTS``, or that of the system."""
    if named := os.environ.get("FASTMPNN_WEIGHTS"):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/fastmpnn/weights"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "fastmpnn" / "weights"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "fastmpnn" / "weights"


class Parameters:
    """What ColabDesign calls a model's ``_model``: the holder of its parameters.

    ``params`` reads as ``{module: {parameter: array}}``. Another network's parameters may be assigned to it, also as
    arrays of JAX.
    """

    def __init__(self, choice: NetworkChoice, owner: mk_mpnn_model) -> None:
        self._choice = choice
        self._owner = owner
        self._params: Mapping[str, Any] = LazyParameters(choice)
        #: Parameters that were assigned, where they are other than the network's.
        self.changed: Mapping[str, Any] | None = None

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters; they are read when they are looked at."""
        return self._params

    @params.setter
    def params(self, given: Mapping[str, Any]) -> None:
        if given is self._params:
            return
        if not equal(given, self._params):
            numbers = {
                module: {name: np.asarray(value, np.float32) for name, value in values.items()}
                for module, values in given.items()
            }
            self._owner._network = BackboneModel(model_of(numbers, self._owner._network.model.neighbors))
            self.changed = numbers
        self._params = given

    def score(self, *arguments: Any, **keywords: Any) -> NoReturn:
        """Refuse: this is ColabDesign's Haiku function, which is there for JAX to differentiate."""
        raise GradientError("_model.score is a function of JAX. FastMPNN has no gradients; use ColabDesign's own model")

    sample = score


class LazyParameters(Mapping[str, "dict[str, Array]"]):
    """The parameters of a network, read when they are looked at."""

    def __init__(self, choice: NetworkChoice) -> None:
        self._choice = choice
        self._read: dict[str, dict[str, Array]] | None = None

    def _all(self) -> dict[str, dict[str, Array]]:
        if self._read is None:
            self._read = self._choice.parameters()
        return self._read

    def __getitem__(self, module: str) -> dict[str, Array]:
        return self._all()[module]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
