"""Whole solutions of the hard training problems, for the arms that clone them instead of interventions."""
