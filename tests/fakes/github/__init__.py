"""A stand-in for GitHub over HTTP: REST, GraphQL and git, with an append-only history, and judged by GitHub's own descriptions."""
