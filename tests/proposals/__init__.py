"""Tests of pull requests as they should be, and of what is done about those that are there."""
