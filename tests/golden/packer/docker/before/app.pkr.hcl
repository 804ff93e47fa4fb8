packer {
  required_plugins {
    docker = {
      version = ">= 1.0.8"
      source  = "github.com/hashicorp/docker"
    }
  }
}

variable "ubuntu" {
  default = "24.04"
}

source "docker" "ubuntu" {
  image  = "ubuntu:${var.ubuntu}" # é
  commit = true
}

source "docker" "alpine" {
  image  = "alpine:3.20"
  commit = true
}

source "amazon-ebs" "vm" {
  image = "ubuntu"
}

build {
  sources = ["source.docker.ubuntu", "source.docker.alpine"]
  post-processor "docker-tag" {
    repository = "acme/app"
  }
}
