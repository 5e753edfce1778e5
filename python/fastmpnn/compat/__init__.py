"""Modules that take the place of others: :mod:`fastmpnn.compat.colabdesign` and those of the published repositories."""
