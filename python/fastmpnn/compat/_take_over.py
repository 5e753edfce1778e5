"""How ``import colabdesign.mpnn`` finds FastMPNN's module instead of ColabDesign's."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "colabdesign"

#: Names that ColabDesign's modules have, and where they are.
MPNN = f"{PACKAGE}.mpnn"
MODEL = f"{PACKAGE}.mpnn.model"

#: What ``install`` has put into ``sys.modules``, and what stood there before; None for nothing.
_replaced: dict[str, ModuleType | None] = {}


def shim_folder() -> Path:
    """Give a folder with a package ``colabdesign`` that calls :func:`install` and then gives way to the real one.

    In ``PYTHONPATH``, it makes programs use FastMPNN without a change to them, in all their processes::

        PYTHONPATH=$(python -m fastmpnn.compat.colabdesign) python run_germinal.py
    """
    return Path(__file__).parent / "shims"


def install(*, processes: bool = True) -> None:
    """Let ``colabdesign.mpnn`` be FastMPNN's module, whether ColabDesign is installed or not.

    From now on, ``from colabdesign.mpnn import mk_mpnn_model``, ``from colabdesign.mpnn.model import aa_order`` and
    ``from colabdesign import mk_mpnn_model`` give those of :mod:`fastmpnn.compat.colabdesign`. The rest of an installed
    ColabDesign stays as it is, and it is not imported. Without it, ``colabdesign`` is a package of these modules alone.

    Parameters
    ----------
    processes : bool
        Whether the same holds in processes that ``multiprocessing`` spawns. They get this process's ``sys.path``, to
        which the folder of :func:`shim_folder` is added for them.
    """
    own = importlib.import_module("fastmpnn.compat.colabdesign")
    if MPNN not in _replaced:
        for name, module in _modules(own).items():
            _replaced[name] = sys.modules.get(name)
            sys.modules[name] = module
    package = sys.modules.get(PACKAGE)
    if package is None and find_real() is None:
        package = _package_alone(own)
        for name, module in {PACKAGE: package, **_shared(own)}.items():
            _replaced.setdefault(name, None)
            sys.modules[name] = module
    if package is not None:
        give_names(package)
    elif not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
    folder = str(shim_folder())
    if processes and folder not in sys.path:
        sys.path.insert(0, folder)


def uninstall() -> None:
    """Undo :func:`install`. Names that were imported meanwhile stay what they are."""
    for name, module in _replaced.items():
        if module is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module
    package = sys.modules.get(PACKAGE)
    if package is not None and (mpnn := _replaced.get(MPNN)) is not None:
        package.mpnn = mpnn  # type: ignore[attr-defined]
        package.mk_mpnn_model = mpnn.mk_mpnn_model  # type: ignore[attr-defined]
    _replaced.clear()
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    folder = str(shim_folder())
    sys.path[:] = [entry for entry in sys.path if entry != folder]


def give_names(package: ModuleType) -> None:
    """Set the package's attributes that name the replaced modules."""
    package.mpnn = sys.modules[MPNN]  # type: ignore[attr-defined]
    package.mk_mpnn_model = sys.modules[MPNN].mk_mpnn_model  # type: ignore[attr-defined]


def find_real() -> importlib.machinery.ModuleSpec | None:
    """Find the installed ColabDesign without importing it; None where there is none."""
    folder = str(shim_folder())
    path = [entry for entry in sys.path if entry != folder]
    return importlib.machinery.PathFinder.find_spec(PACKAGE, path)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the real package, and sets its names once it has been imported."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Give the spec of the real package with a loader of ours around its own."""
        if fullname != PACKAGE:
            return None
        spec = find_real()
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, real: Any) -> None:
        self.real = real

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self.real.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        self.real.exec_module(module)
        give_names(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def _modules(own: ModuleType) -> dict[str, ModuleType]:
    """Give ``colabdesign.mpnn`` and ``colabdesign.mpnn.model``."""
    mpnn, model = ModuleType(MPNN, own.__doc__), ModuleType(MODEL, own.__doc__)
    for module in (mpnn, model):
        for name in own.__all__:
            setattr(module, name, getattr(own, name))
        module.__file__ = own.__file__
    # A package without a folder: its other submodules do not exist.
    mpnn.__path__ = []
    mpnn.model = model  # type: ignore[attr-defined]
    return {MPNN: mpnn, MODEL: model}


def _package_alone(own: ModuleType) -> ModuleType:
    """Give ``colabdesign`` where it is not installed."""
    package = ModuleType(PACKAGE, "ColabDesign is not installed; its MPNN is FastMPNN's.")
    package.__path__ = []
    package.clear_mem = own.clear_mem  # type: ignore[attr-defined]
    return package


def _shared(own: ModuleType) -> dict[str, ModuleType]:
    """Give the modules from which callers take ``aa_order`` and ``clear_mem``, where ColabDesign is not installed."""
    shared, model, shared_utilities = (
        ModuleType(f"{PACKAGE}.{name}") for name in ("shared", "shared.model", "shared.utils")
    )
    shared.__path__ = []
    for name in ("aa_order", "order_aa"):
        setattr(model, name, getattr(own, name))
    shared_utilities.clear_mem = own.clear_mem  # type: ignore[attr-defined]
    shared_utilities.copy_dict = dict  # type: ignore[attr-defined]
    shared.model, shared.utils = model, shared_utilities  # type: ignore[attr-defined]
    return {module.__name__: module for module in (shared, model, shared_utilities)}
