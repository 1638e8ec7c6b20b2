"""Networks on data: regression and classification."""
