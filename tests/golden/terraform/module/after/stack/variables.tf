variable "nginx_tag" {
  type        = string
  description = "ä"
  default     = "1.27@sha256:6965a10c15290ad0b29ca7fd1866de1850408b3cb15fb11a3bbbbc2fddb158bd"
}

variable "debug" {
  default = false
}
