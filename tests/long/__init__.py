"""Tests that take minutes, left out of the suite: `python -m pytest tests/long` runs them."""
