"""git as a sealed process: checkouts on this machine are read, bare repositories are filled from remotes and pushed.

Nothing of the user's configuration counts, nothing runs but git, and no credential is written or shown.
"""

from pinbot.git_process.reading import Tracked, files_at, fork_point, head_commit, origin_url, tracked_files

__all__ = ["Tracked", "files_at", "fork_point", "head_commit", "origin_url", "tracked_files"]
