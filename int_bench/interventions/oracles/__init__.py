"""Oracles: who sees the reference, finds the first uncorrected error of an attempt and writes the corrective step."""
