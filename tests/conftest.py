"""What all tests share: hypothesis without deadlines, since a busy machine is no defect."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("here", deadline=None)
# The same examples in every run of CI: a red build is a change's fault, never a lucky draw's.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")
