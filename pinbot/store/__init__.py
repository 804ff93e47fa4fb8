"""What pinbot remembers between runs: the ledger of what tags have named, and of what digests hold."""
