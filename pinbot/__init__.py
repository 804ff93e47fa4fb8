"""pinbot: finds every container image reference in a repository and pins it to a digest."""

__version__ = "0.1.0"
