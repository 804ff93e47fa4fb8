"""`pinbot sweep` as a process, before forges, a git server and a registry that it meets over the network."""
