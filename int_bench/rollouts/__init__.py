"""Sampling rollouts of problems and prefixes, in shards that survive a kill, and mining the hard set."""
