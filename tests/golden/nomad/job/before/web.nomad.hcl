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
          config { image = "envoyproxy/envoy:v1.31.0" }
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
        image = "acme/app:2" # web
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
