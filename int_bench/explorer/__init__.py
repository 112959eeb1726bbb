"""The trace explorer: interventions and diverging solutions of a run on one page that needs nothing but itself."""
