"""Layered networks: matrix factorization where the inputs are the identity (App. A.1)."""
