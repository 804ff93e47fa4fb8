# Containers of the web host
{ config, lib, pkgs, ... }:
let
  version = "2.1";
in
{
  virtualisation.oci-containers = {
    backend = "podman";
    containers = {
      # the front
      nginx = {
        image = "docker.io/library/nginx:1.27@sha256:6965a10c15290ad0b29ca7fd1866de1850408b3cb15fb11a3bbbbc2fddb158bd";
        volumes = [ "${./nginx.conf}:/etc/nginx/nginx.conf:ro" ];
      };
      "shop" = lib.mkIf config.shop.enable {
        autoStart = true;
        image = "ghcr.io/acme/shop:${version}";
      };
      tool = {
        image = "tool:1";
        imageFile = pkgs.callPackage ../images/tool.nix { };
      };
    };
  };

  virtualisation.oci-containers.containers.redis.image = "redis:latest@sha256:043fcd8be71d902d4ddf8560fc91a1ffa781d035adf79f1b3820ffbf75bf65fc";

  systemd.services.front.script = ''
    echo "''${HOME} image = \"x\"; }"
  '';
}
