"""From a failed attempt to a corrective step that is worth cloning: steps, oracles, guided rollouts, selection."""
