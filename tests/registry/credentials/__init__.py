"""Tests of where credentials come from, one module per source or two."""
