"""Repositories of remotes without a work tree: a bare mirror each in a cache folder, read and pushed with plumbing."""
