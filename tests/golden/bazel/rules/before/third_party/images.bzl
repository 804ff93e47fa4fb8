"""Base images, as `container_pull(name = "x", registry = "gcr.io", repository = "a/b")` brings them."""

load("@io_bazel_rules_docker//container:container.bzl", base_image = "container_pull")

_GO = "1.23"

def images(java = "21"):
    base_image(
        name = "go",
        registry = "index.docker.io",
        repository = "library/golang",
        tag = _GO,
    )
    base_image(name = "git", registry = "gcr.io", repository = "cloud-builders/git")
    base_image(
        name = "java",
        registry = "gcr.io",
        repository = "distroless/java" + java,
        tag = "latest",
    )
