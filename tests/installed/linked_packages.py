"""Gives an environment some packages of another one by hard links: the same files in seconds, and no others."""

import os
import sys
import sysconfig
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def requirements(wheel: Path) -> list[Requirement]:
    """What a wheel says it requires."""
    with zipfile.ZipFile(wheel) as archive:
        (file,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Metadata.from_email(archive.read(file)).requires_dist or []


def required(wanted: Iterable[Requirement], extras: frozenset[str] = frozenset()) -> list[Distribution]:
    """The packages of this environment that meet requirements, those that these require included.

    Args:
        wanted: The requirements.
        extras: The extras of who requires them.

    Raises:
        SystemExit: If one is missing, with its name.
    """
    found: dict[tuple[str, frozenset[str]], Distribution] = {}
    waiting = [(requirement, extras) for requirement in wanted]
    while waiting:
        requirement, given = waiting.pop()
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in given | {""}):
            continue
        key = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if key not in found:
            try:
                found[key] = distribution(requirement.name)
            except PackageNotFoundError:
                sys.exit(f"Expected {requirement} to be installed beside {sys.executable}. Received: no such package")
            waiting += [(Requirement(text), key[1]) for text in found[key].requires or []]
    return list({name: package for (name, _), package in found.items()}.values())


def link(packages: Iterable[Distribution], environment: Path) -> None:
    """Links their files, without their programs, into an environment on the same disk.

    The links are hard: the check of exports lets a process read only its own environment, and sees through others.
    """
    place = Path(sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)}))
    for package in packages:
        for file in package.files or []:
            target = place / file
            if ".." not in file.parts and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(package.locate_file(file), target)
