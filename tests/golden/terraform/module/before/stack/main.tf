# Ünïcode 😀, so that bytes and characters differ
terraform {
  required_providers {
    docker = {
      source  = "kreuzwerker/docker" # no image: "nginx:latest"
      version = "~> 3.0"
    }
  }
}

locals {
  registry = "ghcr.io/acme"
  exporter = "prom/node-exporter:v1.8.2"
}

resource "docker_image" "web" {
  name         = "nginx:${var.nginx_tag}" // the tag stands in variables.tf
  keep_locally = true
}

resource "docker_image" "app" {
  name = "${local.registry}/app:1.4"
}

resource "docker_image" "built" {
  name = "acme/built:dev"
  build {
    context = "."
  }
}

resource "docker_container" "web" {
  name  = "web"
  image = docker_image.web.image_id
}

resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([
    { name = "api", image = "public.ecr.aws/docker/library/redis:7", cpu = 10 },
    { name = "log", "image" : local.exporter },
  ])
}

resource "aws_ecs_task_definition" "old" {
  container_definitions = <<-JSON
    [
      { "name": "ü", "image": "memcached:1.6", "cpu": ${var.cpu}, "memory": 10 }
    ]
  JSON
}

resource "aws_lambda_function" "handler" {
  package_type = "Image"
  image_uri    = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/handler:3"
}

resource "kubernetes_deployment_v1" "db" {
  spec {
    template {
      metadata {
        annotations = { image = "not:this" }
      }
      spec {
        init_container {
          image = var.debug ? "busybox:1.36" : "alpine:3.20"
        }
        container {
          image = "postgres:16@sha256:0000000000000000000000000000000000000000000000000000000000000000" # pinbot: ignore
        }
      }
    }
  }
}

resource "google_compute_instance" "vm" {
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
}
