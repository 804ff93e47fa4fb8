"""What a repository should be offered as pull requests, and what is to be done about those that are there; all pure."""
