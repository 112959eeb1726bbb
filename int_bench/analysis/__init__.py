"""Statistics of graded rollouts: pass@k and intervals over problems. Nothing here imports torch."""
