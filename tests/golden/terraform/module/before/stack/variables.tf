variable "nginx_tag" {
  type        = string
  description = "ä"
  default     = "1.27"
}

variable "debug" {
  default = false
}
