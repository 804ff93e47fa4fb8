"""Asking registries: the distribution protocol over `net`, and the Resolver that the rest of the house sees.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""
