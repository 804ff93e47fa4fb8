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
        image = "docker.io/library/nginx:1.27";
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

  virtualisation.oci-containers.containers.redis.image = "redis";

  systemd.services.front.script = ''
    echo "''${HOME} image = \"x\"; }"
  '';
}
