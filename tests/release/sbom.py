# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The software bill of materials of a tarball, in CycloneDX: what it is, and what it needs at run time."""

from __future__ import annotations

import datetime
import hashlib
import uuid

import yaml
from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement


def requirements(source):
    """(name, versions) of what has to be there at run time, as the collection's own files say."""
    yield "ansible-core", yaml.safe_load((source / "meta" / "runtime.yml").read_text())["requires_ansible"]
    for line in (source / "requirements.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            requirement = Requirement(line)
            yield requirement.name, str(requirement.specifier)


def sbom(source, tarball, time):
    """The text, the same for the same tarball. time: seconds of Unix."""
    about = yaml.safe_load((source / "galaxy.yml").read_text())
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    (licence,) = about["license"]
    collection = Component(
        type=ComponentType.LIBRARY,
        bom_ref="collection",
        group=about["namespace"],
        name=about["name"],
        version=about["version"],
        description=about["description"],
        licenses=[LicenseFactory().make_from_string(licence)],
        purl=PackageURL("generic", about["namespace"], about["name"], about["version"]),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        external_references=[
            ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(about["repository"])),
            ExternalReference(type=ExternalReferenceType.ISSUE_TRACKER, url=XsUri(about["issues"])),
        ],
    )
    needed = [
        Component(
            type=ComponentType.LIBRARY,
            bom_ref=name,
            name=name,
            # Which version is there, who installs it decides.
            description=f"{name} {versions}",
            purl=PackageURL("pypi", None, name),
        )
        for name, versions in requirements(source)
    ]
    bom = Bom(
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, digest),
        metadata=BomMetaData(
            component=collection, timestamp=datetime.datetime.fromtimestamp(time, tz=datetime.timezone.utc)
        ),
        components=needed,
    )
    bom.register_dependency(collection, needed)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2) + "\n"
