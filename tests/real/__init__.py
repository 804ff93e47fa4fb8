"""pinbot on Debian's docker-registry, filled by skopeo, umoci and buildah."""
