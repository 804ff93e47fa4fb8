"""What `check` can find wrong: its rules, how much each weighs, and the words that explain it (contract, `check`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "note"]
Rule = Literal[
    "unpinned",
    "invalid",
    "dead-digest",
    "mismatch",
    "denied-digest",
    "untrusted-registry",
    "stale",
    "outdated",
    "replaced-tag",
    "child-digest",
    "unknown-digest",
    "moved-repository",
    "stale-mirror",
    "latest",
    "unused-digest",
    "expired-ignore",
    "ignore-not-permitted",
]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of the gate.

    `title` is a line for a list, `about` says what is wrong and why that matters, `remedy` what to do. `severity` is
    from 0 to 10, as code scanning ranks security alerts; None where it is no matter of security.
    """

    rule: Rule
    level: Level
    title: str
    about: str
    remedy: str
    severity: float | None = None


CHECKS = (
    Check(
        "unpinned",
        "error",
        "An image without a digest",
        "The reference has a tag and no digest, so whoever can push the tag decides what runs: the publisher with the "
        "next release, or someone who has stolen the publisher's account. Two builds of one commit may differ.",
        "Run `pinbot pin`. Where pinbot cannot write the digest it says why; pin it by hand then, or mark the line "
        "with `# pinbot: ignore`.",
        6.5,
    ),
    Check(
        "invalid",
        "error",
        "Not an image reference",
        "What stands where an image reference belongs cannot be one: the name breaks the grammar of references, or the "
        "digest is too short, too long, or not in lower case. A container engine refuses it.",
        "Correct the reference, or the line that builds it.",
    ),
    Check(
        "dead-digest",
        "error",
        "A pinned digest that its registry serves no more",
        "The registry answered 404 twice for the digest, or for an image of the pinned index, and still has the "
        "repository. What is not in some cache already cannot be pulled: the next build or the next node fails. Of an "
        "index only the images for the platforms that count are asked for (those the settings declare, or the line's "
        "own `--platform`, or else all), a hundred at most.",
        "Run `pinbot bump`: a dead digest is replaced at once, whatever the cooldown. Where the tag itself names an "
        "index with missing images, its publisher has to push it again; until then pin another version.",
        5.0,
    ),
    Check(
        "mismatch",
        "error",
        "Tag and digest of different images",
        "The digest wins over the tag, so the line says one thing and runs another. Reported only when it is proven: "
        "the digest is gone from this repository and another one that is named in these files serves it, or the "
        "registry was seen to serve it under a version that excludes this tag, and never under this tag.",
        "Find out which of both is meant, and write that: remove the digest and run `pinbot pin`, or correct the tag.",
        7.0,
    ),
    Check(
        "denied-digest",
        "error",
        "A digest that must not be used",
        "The settings list this digest under `deny-digests`, usually because it is known to be compromised. A "
        "`# pinbot: ignore` remark does not hide this.",
        "Replace the digest at once, with `pinbot bump` or by hand, and look into what has run with it.",
        9.5,
    ),
    Check(
        "untrusted-registry",
        "error",
        "A registry that the settings do not trust",
        "The settings name the registries that images may come from, and this is none of them.",
        "Take the image from a trusted registry, or have the registry added to the settings.",
        7.5,
    ),
    Check(
        "stale",
        "error",
        "A digest that its tag left too long ago",
        "The tag has named something else for longer than `--max-lag` allows, so fixes that were published since are "
        "missing. The days count from when the ledger saw the tag without the digest, never from the date that an "
        "image gives itself. Where the ledger does not know, there is no `stale`; nor for a `replaced-tag`, which "
        "nobody should be pressed to take.",
        "Run `pinbot bump`.",
        4.0,
    ),
    Check(
        "outdated",
        "note",
        "The tag has another digest now",
        "The tag has moved on, usually to a build with fixes. The message says since when, as far as the ledger knows, "
        "and for a full version whether the labels of both images speak for a rebuild.",
        "Run `pinbot bump`.",
    ),
    Check(
        "replaced-tag",
        "note",
        "A full version that names something else now",
        "A full version is published once; a new digest is usually a rebuild. Here the evidence speaks against it: the "
        "labels name another source or version, the tag is declared immutable, or it now names the image of another "
        "version. That is how a taken-over repository looks.",
        "Keep the pinned digest until the publisher has said why the tag moved.",
        6.0,
    ),
    Check(
        "child-digest",
        "note",
        "A digest of one platform, where the tag has several",
        "The digest is that of one image of the index that the tag names, and nothing on the line says that one "
        "platform is meant. On other platforms the wrong image is pulled, and fails with `exec format error`.",
        "Remove the digest and run `pinbot pin`, which pins the index; or name the platform: `--platform` on the "
        "line, or `platforms` in the settings.",
    ),
    Check(
        "unknown-digest",
        "note",
        "A digest that its tag never had",
        "The ledger has watched the tag for thirty days and more, with this digest pinned to it all that time, and "
        "never saw the tag name it, though the image was built within that time. A wrong paste looks like this, and "
        "so does a pin that someone made to an image of their own.",
        "Find out where the digest came from; remove it and run `pinbot pin` if nobody knows.",
        5.0,
    ),
    Check(
        "moved-repository",
        "note",
        "A repository that is not where it was",
        "The registry answered for this repository before, as the ledger knows, and now neither the tag nor the "
        "digest nor the list of tags can be found, or it sends to a place that may not be asked. The repository was "
        "deleted, renamed or made private; its free name may be taken by anyone.",
        "Find out where the publisher has moved it, and correct the reference.",
        5.0,
    ),
    Check(
        "stale-mirror",
        "note",
        "A mirror that is behind its upstream",
        "The settings name a mirror of this registry, and it does not serve the pinned digest, or has had another "
        "digest under the tag for longer than `stale-after` allows. Machines that pull through it wait for the digest, "
        "or run an image that its publisher has replaced.",
        "Have the mirror fetch the image again: a cache may need its copy removed or its time to live shortened, and "
        "replication another run.",
    ),
    Check(
        "latest",
        "note",
        "`latest`, or no tag, in what is shipped",
        "The final stage of the build takes whatever `latest` names. With a digest it is at least the same each time; "
        "but the next refresh may cross a major version, and nobody can read from the line what runs.",
        "Name a version. `tag: precise` in the settings lets `pinbot bump` find the one that the digest has.",
    ),
    Check(
        "unused-digest",
        "note",
        "A digest that nothing reads",
        "A variable or key holds a digest, and nothing in the repository uses it, so what looks pinned is not.",
        "Let the reference use it, or remove it.",
        4.0,
    ),
    Check(
        "expired-ignore",
        "note",
        "An ignore remark whose day has passed",
        "The `until=` of a `# pinbot: ignore` remark lies in the past, so the reference is judged again.",
        "Remove the remark, or give it a new day and a reason.",
    ),
    Check(
        "ignore-not-permitted",
        "note",
        "An ignore remark that the settings do not permit",
        "The settings forbid ignore remarks in files, or ask for a reason or a last day that this one lacks, so it "
        "does not count.",
        "Complete the remark as the message says, or have the exception made in the settings.",
    ),
)

LEVELS: dict[Rule, Level] = {check.rule: check.level for check in CHECKS}
