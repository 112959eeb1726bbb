"""Pools and benchmarks: problems of the synthetic world, or of files with reference solutions."""
