"""Array types of the results, and how their ranges are said."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def range_of(values: Doubles) -> str:
    finite = values[np.isfinite(values)]
    return f"{finite.min():.4f} to {finite.max():.4f}" if finite.size else "none"
