"""Base images, as `container_pull(name = "x", registry = "gcr.io", repository = "a/b")` brings them."""

load("@io_bazel_rules_docker//container:container.bzl", base_image = "container_pull")

_GO = "1.23"

def images(java = "21"):
    base_image(
        name = "go",
        digest = "sha256:802b42e06964d3d8b003dcd86e3f2c2a7272b1a219a89b6272406775963417d7",
        registry = "index.docker.io",
        repository = "library/golang",
        tag = _GO,
    )
    base_image(name = "git", tag = "latest", digest = "sha256:7c5d9b8712a83b956c4a55da3e26bdea422ea1f1a2993fccef5f6d768a5cc99d", registry = "gcr.io", repository = "cloud-builders/git")
    base_image(
        name = "java",
        registry = "gcr.io",
        repository = "distroless/java" + java,
        tag = "latest",
    )
