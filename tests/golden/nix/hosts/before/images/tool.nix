{ dockerTools }:
dockerTools.pullImage {
  imageName = "quay.io/acme/tool";
  imageDigest = "sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1";
  hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  finalImageTag = "1";
}
