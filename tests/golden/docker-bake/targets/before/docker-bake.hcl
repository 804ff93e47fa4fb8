// Ünïcode 😀
variable "ALPINE" {
  default = "3.20"
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
    GO   = "1.23-alpine"
    NODE = NODE
  }
}

target "app" {
  inherits = ["_common"]
  contexts = {
    base   = "docker-image://alpine:${ALPINE}"
    assets = "target:web"
    "cert" = "docker-image://ghcr.io/acme/cert:2" /* keep */
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
    # syntax=docker/dockerfile:1
    FROM busybox:1.36 AS tools
    RUN echo "$${HOME}"
    FROM tools
    COPY --from=redis:7 /usr/local/bin/redis-cli /
  EOT
  cache-from = ["type=registry,ref=acme/cache:tools"]
}
