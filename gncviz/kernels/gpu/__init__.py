"""Kernels in Triton, for a GPU; without one they run in Triton's interpreter, for tests."""
