"""Forges: what they share, and each against a stand-in that keeps its history."""
