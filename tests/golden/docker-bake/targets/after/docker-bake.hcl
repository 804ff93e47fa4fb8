// Ünïcode 😀
variable "ALPINE" {
  default = "3.20@sha256:75be9c490b21b793193f47be0daf1e1ba283c3a002c8e84091e2c871cc49f219"
}
variable "NODE" {
  default = null # left to the Dockerfile
}
variable "TAG" {
  default = "dev"
}

group "default" {
  targets = ["app", "web", "tools"]
}

target "_common" {
  args = {
    GO   = "1.23-alpine@sha256:f17d91688e0fe20b99b3fa2b19d4ce1910500a773c2f48f08af3575144cdb1fe"
    NODE = NODE
  }
}

target "app" {
  inherits = ["_common"]
  contexts = {
    base   = "docker-image://alpine:${ALPINE}"
    assets = "target:web"
    "cert" = "docker-image://ghcr.io/acme/cert:2@sha256:773445cc772f9357851e5b4c90eb650ffdf0fd44d37e1d59f7962d10e37d1269" /* keep */
    src    = "../src"
  }
  tags = ["ghcr.io/acme/app:${TAG}", "acme/app:latest"]
}

target "web" {
  context    = "web"
  dockerfile = "Dockerfile"
  args = { NODE = NODE }
}

target "tools" {
  dockerfile-inline = <<-EOT
    # syntax=docker/dockerfile:1@sha256:f86143b75e5ff8b48f6ab64d61eb77856596c4a6a0264fba4d78400d85b8bfcd
    FROM busybox:1.36@sha256:d55432289a2f69dad7e00346d00e8d4df4d0053a44dffb3f8cf463f6e3fb4b04 AS tools
    RUN echo "$${HOME}"
    FROM tools
    COPY --from=redis:7@sha256:a0ed741ac6ba1c5759e6d93b088e5e315e089f8a2a6a17a0c16f6456ff434700 /usr/local/bin/redis-cli /
  EOT
  cache-from = ["type=registry,ref=acme/cache:tools"]
}
