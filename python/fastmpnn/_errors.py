"""The exceptions and warnings of the package."""

from __future__ import annotations


class Error(Exception):
    """What cannot be done, in a sentence.

    Attributes
    ----------
    file : str or None
        The file that it is about.
    line : int or None
        The line of the file, from 1.
    chain : str or None
        The chain's id.
    residue : str or None
        The residue, by name and number.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        chain: str | None = None,
        residue: str | None = None,
    ) -> None:
        super().__init__(message)
        self.file = file
        self.line = line
        self.chain = chain
        self.residue = residue

    def __reduce__(self) -> tuple[object, ...]:
        places = {"file": self.file, "line": self.line, "chain": self.chain, "residue": self.residue}
        return (type(self), self.args, places)


class InputError(Error, ValueError):
    """A file or structure that cannot be used."""


class SelectionError(Error, ValueError):
    """Selections, ties, biases or labels that do not fit the structure."""


class SettingError(Error, ValueError):
    """A setting that does not exist, contradicts another, or is out of its range."""


class CheckpointError(Error, ValueError):
    """A network that cannot be loaded."""


class FastMPNNWarning(UserWarning):
    """Something was understood otherwise than it may have been meant."""
