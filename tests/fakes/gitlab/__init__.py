"""A GitLab of our own: state, a history that only grows, and answers as GitLab says that they are."""
