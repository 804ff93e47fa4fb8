packer {
  required_plugins {
    docker = {
      version = ">= 1.0.8"
      source  = "github.com/hashicorp/docker"
    }
  }
}

variable "ubuntu" {
  default = "24.04@sha256:eaaca2df1c1ccb9930f884c1e7dff58178e9cc06e310dfe6c07d8b11ac2e9764"
}

source "docker" "ubuntu" {
  image  = "ubuntu:${var.ubuntu}" # é
  commit = true
}

source "docker" "alpine" {
  image  = "alpine:3.20@sha256:75be9c490b21b793193f47be0daf1e1ba283c3a002c8e84091e2c871cc49f219"
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
