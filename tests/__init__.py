"""Tests of pinbot: the walls of the house, tables per room, and end-to-end runs on real registries."""
