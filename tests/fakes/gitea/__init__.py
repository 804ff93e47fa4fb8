"""A Forgejo of our own: state, a history that only grows, and answers as Forgejo's description and source have them."""
