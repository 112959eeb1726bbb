"""Checks of the paper's numbers against each other, each recomputed from ``paper_values.yaml``."""
