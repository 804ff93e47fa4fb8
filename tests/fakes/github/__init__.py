"""A stand-in for GitHub over HTTP: REST, GraphQL and git, with an append-only history, judged by its descriptions."""
