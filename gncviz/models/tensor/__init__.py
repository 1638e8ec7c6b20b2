"""Tensor sensing and completion, and CP networks: what the paper names as its next step."""
