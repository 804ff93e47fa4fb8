"""The command: what users type, what they read, and the exit codes (contract). One file per verb."""
