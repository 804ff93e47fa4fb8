# Ünïcode 😀
variable "redis_version" {
  type    = string
  default = "7.4"
}

locals {
  registry = "ghcr.io/acme"
}

job "web" {
  datacenters = ["dc1"]

  meta {
    image = "not:this"
  }

  group "cache" {
    network {
      port "db" { to = 6379 }
    }

    service {
      connect {
        sidecar_service {}
        sidecar_task {
          config { image = "envoyproxy/envoy:v1.31.0@sha256:7b74527eed507a9b0c0c4132187328abb273a676df66fdca33eb84f0aea95909" }
        }
      }
    }

    task "redis" {
      driver = "docker" // as ever

      config {
        image          = "redis:${var.redis_version}-alpine"
        ports          = ["db"]
        auth_soft_fail = true
      }
    }

    task "app" {
      driver = "docker"
      config {
        image = "acme/app:2@sha256:1c2db1390a007d0058363a14a07a0b866b3ab125e5d2f313003334af4502bbcf" # web
        labels = { image = "acme/label" }
      }
      template {
        data = <<-EOF
          image = "nginx:latest"
          {{ with secret "x" }}{{ .Data }}{{ end }}
        EOF
      }
    }

    task "pod" {
      driver = "podman"
      config { image = "docker://caddy:2" }
    }

    task "native" {
      driver = "raw_exec"
      config { command = "/bin/true" }
    }
  }
}
