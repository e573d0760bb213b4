"""Make the whole generated package: what memshelf renders, what emitters add, and the record of both."""

from __future__ import annotations

from memshelf_gen.manifest import MANIFEST, Manifest, digest_of, manifest
from memshelf_gen.rendered import Rendered
from memshelf_gen.settings import ProjectConfig


def whole(rendered: Rendered, config: ProjectConfig, *, release: str) -> dict[str, str]:
    """Give every file of the generated package by its path below that package, sorted.

    `release` is the version of memshelf that the files say they are from.
    """
    files = dict(rendered.files)
    versions = {}
    if config.emitters:
        # What finds distributions takes time to import, which most projects need not spend.
        from memshelf_gen.emitters import emit

        emitted = emit(rendered.project, config, taken=files)
        files |= emitted.files
        versions = dict(emitted.versions)
    files[MANIFEST] = manifest(
        Manifest(
            memshelf=release,
            emitters=versions,
            package=config.generated,
            jobs={job.names.key: job.names.wire for job in rendered.project.jobs},
            sources=rendered.project.sources,
            files={path: digest_of(text) for path, text in files.items()},
        )
    )
    return dict(sorted(files.items()))
