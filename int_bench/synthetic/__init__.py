"""The synthetic world: problems with an exact verifier, flawed students, and a base model trained on their traces."""
