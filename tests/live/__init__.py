"""`pinbot sweep` as a process before forges, a git server and a registry that speak over the network as real ones do."""
