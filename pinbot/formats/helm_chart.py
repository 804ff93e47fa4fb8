"""The lists of images that charts and packages publish (https://artifacthub.io/docs/topics/annotations/helm/).

In a `Chart.yaml` the list is YAML within a string, under an annotation.
"""

from __future__ import annotations

from collections.abc import Iterator

from pinbot.formats._base import About
from pinbot.formats._claims import YAML, named
from pinbot.formats._yaml import Route, yaml_format
from pinbot.formats._yaml_inner import inner_documents
from pinbot.formats._yaml_nodes import is_scalar, is_sequence, lookup
from pinbot.formats._yaml_scalar import literal
from pinbot.formats._yaml_walk import Place
from pinbot.source.finding import Finding


def _listed(place: Place, format_name: str, label: str) -> Iterator[Finding]:
    """Yield the images in an annotation that holds a list of `name` and `image`."""
    if not is_scalar(place.node):
        return
    for inner in inner_documents(place.document, place.node):
        for index, item in enumerate(inner.root.value if is_sequence(inner.root) else ()):
            image = lookup(item, "image")
            if image is not None:
                path = (*place.path, index, "image")
                yield from literal(Place(inner, path, image, (inner.root, item)), format_name, label)


FORMAT = yaml_format(
    "helm-chart",
    about=About(
        title="Images that a Helm chart lists",
        url="https://artifacthub.io/docs/topics/annotations/helm/",
        files="`Chart.yaml` and `artifacthub-pkg.yml`",
        places=(
            "`image:` in the list under the annotations `artifacthub.io/images` and `images` of a chart",
            "`containersImages` of a package for Artifact Hub",
        ),
        path="chart/Chart.yaml",
        example="""\
apiVersion: v2
name: web
version: 1.0.0
annotations:
  artifacthub.io/images: |
    - name: web
      image: nginx:1.27
""",
        limits=("dependencies are charts, not images, and are left alone",),
    ),
    claims=named(r"chart\.ya?ml|artifacthub-pkg\.ya?ml"),
    endings=YAML,
    needles=("image", ("annotations", "containersImages")),
    routes=(
        Route('annotations."artifacthub.io/images"', _listed),
        Route("annotations.images", _listed),
        Route("containersImages[].image"),
    ),
)
