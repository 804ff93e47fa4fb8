"""Measures pinbot against the budgets of speed and memory: `make bench`."""
