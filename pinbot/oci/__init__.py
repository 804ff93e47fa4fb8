"""What an image is: digests, references, platforms, manifests. Pure values, no I/O."""
