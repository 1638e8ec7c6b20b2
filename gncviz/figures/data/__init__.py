"""Networks on data: learning curves, and decision regions in the plane."""
