"""Tests of whole passes over repositories."""
