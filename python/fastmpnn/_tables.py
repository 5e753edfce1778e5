"""Results that are tables, too."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


class Tabular:
    """Something with rows."""

    @abstractmethod
    def rows(self) -> list[dict[str, Any]]:
        """Give the rows, a dictionary each."""

    def to_pandas(self) -> pandas.DataFrame:
        """Give the rows as a pandas table."""
        import pandas

        return pandas.DataFrame(self.rows())

    def to_polars(self) -> Any:
        """Give the rows as a polars table."""
        import polars

        return polars.DataFrame(self.rows())
