"""How much faster the package is than doing the same the naive way, measured in one run."""
