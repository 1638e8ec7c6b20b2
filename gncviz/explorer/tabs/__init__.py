"""The tabs of a run's figures: rows of a table, each built when it is first seen."""
