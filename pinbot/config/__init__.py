"""Settings: what they are (settings), and how they are read from YAML with errors that name line and column (load)."""
