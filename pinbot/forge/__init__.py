"""Where repositories and their pull requests live: one file per kind of forge, each with a constant FORGE."""
