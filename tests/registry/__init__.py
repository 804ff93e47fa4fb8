"""The registry room: handshake, manifests, tags, and the resolver as the others see it."""
