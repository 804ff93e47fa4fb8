"""The servers and worlds of the live tests."""

from tests.live.conftest import site, world

__all__ = ["site", "world"]
