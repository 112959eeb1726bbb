"""Model x benchmark -> graded rollouts, and the calibration of the base model."""
