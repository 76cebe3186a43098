# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation site that make docs builds, and what antsibull-docs makes of docs/docsite without it."""

from __future__ import annotations

import importlib.util
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

from tests.conftest import ROOT
from tests.playbooks import clean_environment
from tests.quality.checkout import copy_checkout
from tests.release.addresses import renamed, repository

PLUGINS = [
    (path.stem, kind)
    for folder, kind, glob in (("modules", "module", "*.py"), ("filter", "filter", "*.yml"))
    for path in sorted((ROOT / "plugins" / folder).glob(glob))
]
ROLES = [(path.name, "role") for path in sorted((ROOT / "roles").iterdir())]
NO_NETWORK = """
import os, socket
def refuse(self, address, *more):
    if self.family == socket.AF_UNIX:
        return connect(self, address, *more)
    with open(os.environ["CONNECTIONS"], "a") as file:
        file.write("%r\\n" % (address,))
    raise OSError("there is no network here")
connect, socket.socket.connect = socket.socket.connect, refuse
"""


def machinery(name):
    """A file of docs/site, which is no package."""
    spec = importlib.util.spec_from_file_location("site_%s" % name, ROOT / "docs" / "site" / ("%s.py" % name))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LISTED = machinery("pages").Pages(ROOT)


def make(*arguments, **environment):
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=clean_environment(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )


class Site:
    """What make docs printed, and the pages."""

    def __init__(self, folder):
        (folder / "sitecustomize.py").write_text(NO_NETWORK)
        prepared = make(".venv-docs/.ready")
        assert prepared.returncode == 0, prepared.stdout + prepared.stderr
        self.connections = folder / "connections"
        self.done = make("docs", PYTHONPATH=str(folder), CONNECTIONS=str(self.connections))
        self.html = ROOT / ".cache" / "docs" / "html"

    def page(self, name):
        return (self.html / ("%s.html" % name)).read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return Site(tmp_path_factory.mktemp("site"))


def test_the_site_builds_without_a_warning_and_without_a_network(site):
    assert site.done.returncode == 0, site.done.stdout + site.done.stderr
    assert "WARNING" not in site.done.stdout + site.done.stderr
    assert not site.connections.exists(), site.connections.read_text()


def test_links_to_elsewhere_are_listed_for_people_to_look_at(site):
    addresses = (ROOT / ".cache" / "docs" / "external-links.txt").read_text().splitlines()
    assert "https://helpdesk.bitrix24.com/open/25842103" in addresses
    assert "%d links to elsewhere" % len(addresses) in site.done.stdout


def documented(name, kind):
    """The names of all options and return values of the highest level that a plugin or role documents itself."""
    if kind == "role":
        specs = yaml.safe_load((ROOT / "roles" / name / "meta" / "argument_specs.yml").read_text())
        return set(specs["argument_specs"]["main"]["options"])
    if kind == "filter":
        text = yaml.safe_load((ROOT / "plugins" / "filter" / ("%s.yml" % name)).read_text())
        return {*text["DOCUMENTATION"]["options"], *text["RETURN"]}
    module = __import__("ansible_collections.bitrix24.portal.plugins.modules.%s" % name, fromlist=["RETURN"])
    return {*yaml.safe_load(module.DOCUMENTATION).get("options", {}), *yaml.safe_load(module.RETURN)}


@pytest.mark.parametrize("name, kind", PLUGINS + ROLES, ids=lambda value: value)
def test_every_module_filter_and_role_has_a_page_with_its_options_and_return_values(site, name, kind):
    page = site.page("%s_%s" % (name, kind))
    anchors = {word for found in re.findall(r'id="(?:parameter|return)-([^"]+)"', page) for word in found.split("--")}
    assert documented(name, kind) and documented(name, kind) - anchors == set()
    assert 'href="%s_%s.html"' % (name, kind) in site.page("index")


@pytest.mark.parametrize("path, name", list(LISTED.names.items()), ids=lambda value: value)
def test_every_guide_has_a_page_to_which_the_first_one_leads(site, path, name):
    title = (ROOT / path).read_text().partition("\n")[0].removeprefix("# ")
    assert 'href="%s.html"' % name in site.page("index")
    assert "<h1>%s" % title.replace("'", "\u2019") in site.page(name).replace("&#39;", "\u2019").replace(
        "&#x27;", "\u2019"
    )


def test_a_link_between_guides_stays_on_the_site_and_one_to_a_module_leads_to_its_page(site):
    page = site.page("docsite/guide_set")
    assert 'href="guide_connect.html"' in page and 'href="../mailservice_set_module.html"' in page
    assert 'href="guide_set.html#what-is-reversible"' in site.page("docsite/guide_adopt")


def test_the_list_of_guides_names_each_by_its_title_and_leaves_none_out():
    text = (ROOT / "docs" / "docsite" / "rst" / "guides.rst").read_text()
    for title, path in re.findall(r"^- `([^<]+) <https://\S+?/blob/main/(\S+)>`__$", text, re.MULTILINE):
        assert (ROOT / path).read_text().startswith("# %s\n" % title), path
    assert {"docs/%s" % page.name for page in (ROOT / "docs").glob("*.md")} - set(LISTED.names) == set()


def test_antsibull_docs_and_the_pages_of_reports_are_told_the_repository_that_galaxy_is_told():
    there = repository((ROOT / "galaxy.yml").read_text())
    links = (ROOT / "docs" / "docsite" / "links.yml").read_text()
    assert LISTED.repository == there
    assert "https://github.com/%s" % yaml.safe_load(links)["edit_on_github"]["repository"] == there
    assert yaml.safe_load(links)["edit_on_github"]["branch"] == LISTED.branch
    page = (ROOT / "plugins" / "plugin_utils" / "_page" / "page.py").read_text()
    assert 'GUIDES = "%s/blob/%s/docs/"' % (there, LISTED.branch) in page


def test_who_changes_the_address_changes_it_for_antsibull_docs_too():
    links = (ROOT / "docs" / "docsite" / "links.yml").read_text()
    there = repository((ROOT / "galaxy.yml").read_text())
    changed = renamed(links, there, "https://example.com/somebody/something")
    assert yaml.safe_load(changed)["edit_on_github"]["repository"] == "somebody/something"
    assert there.partition("//")[2] not in changed


HEAD = '<!DOCTYPE html><html><head><title>t</title>%s</head><body><h1 id="top">t</h1>%s</body></html>'


@pytest.mark.parametrize(
    "more, complaint",
    [
        ({"other.html": ("", "")}, "other.html: no link leads there from index.html"),
        ({"index.html": ("", '<a href="gone.html">x</a>')}, "index.html: gone.html leads to no file"),
        ({"index.html": ("", '<a href="#gone">x</a>')}, "index.html: #gone leads to no anchor"),
        (
            {"index.html": ("", '<a href="a/b.html#no">x</a>'), "a/b.html": ("", "")},
            "index.html: a/b.html#no leads to no anchor",
        ),
        (
            {"index.html": ('<script src="https://cdn.example.com/x.js"></script>', "")},
            "index.html: loads https://cdn.example.com/x.js",
        ),
        ({"index.html": ("", '<img src="gone.png">')}, "index.html: gone.png leads to no file"),
    ],
)
def test_a_page_that_is_not_reached_or_leads_nowhere_is_named(tmp_path, more, complaint):
    for name, parts in {"index.html": ("", ""), **more}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(HEAD % parts)
    with pytest.raises(SystemExit) as ended:
        machinery("links").check(tmp_path)
    assert str(ended.value).splitlines() == [complaint]


def test_a_site_in_order_yields_the_addresses_elsewhere(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.html").write_text(HEAD % ("", '<a href="../index.html#top">x</a>'))
    body = '<a href="a/b.html#top">x</a><a href="https://example.com/x">x</a><a href="mailto:a@example.com">x</a>'
    (tmp_path / "index.html").write_text(HEAD % ("", body))
    assert machinery("links").check(tmp_path) == ["https://example.com/x", "mailto:a@example.com"]


def test_links_become_what_the_site_has_for_them_but_for_those_in_a_block_of_code(tmp_path):
    address = "https://github.com/somebody/something/blob/main/docs/"
    files = {
        "docs/docsite/rst/guides.rst": "Guides\n======\n\nOne\n---\n\n- `A <%sa.md>`__\n- `B <%sx/README.md>`__\n"
        % (address, address),
        "docs/a.md": "[b](x/README.md#c) [d](../other/d.yml) [m](../plugins/modules/m.py) [r](../README.md#there)\n\n"
        "```markdown\n[b](x/README.md#c)\n```\n\n[here](#here) [e](https://example.com/) [f](../other)\n",
        "docs/x/README.md": "[a](%sa.md#here) [d](%s/d.yml)\n" % (address, address.replace("docs/", "other")),
        "other/d.yml": "",
        "plugins/modules/m.py": "",
        "README.md": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    pages = machinery("pages").Pages(tmp_path)
    assert pages.sections == {"One": ["docsite/a", "docsite/x"]}
    assert pages.page("docs/x/README.md", tmp_path) == (
        "[a](a.md#here) [d](https://github.com/somebody/something/blob/main/other/d.yml)\n"
    )
    assert pages.page("docs/a.md", tmp_path) == (
        "[b](x.md#c) [d](https://github.com/somebody/something/blob/main/other/d.yml) [m](../m_module.rst)"
        " [r](../index.rst)\n\n```markdown\n[b](x/README.md#c)\n```\n\n[here](#here) [e](https://example.com/)"
        " [f](https://github.com/somebody/something/tree/main/other)\n"
    )


def build(copy, folder):
    """make docs of a copy of the checkout."""
    prepared = make(".venv-docs/.ready")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    return subprocess.run(
        [ROOT / ".venv-docs" / "bin" / "python", copy / "docs" / "site" / "build.py", folder],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "line, complaint",
    [
        ("[x](guide_connect.md#nowhere)", "local id not found"),
        ("[x](guide_nowhere.md)", "docs/guide_set.md: the link guide_nowhere.md leads nowhere."),
        ("#### Too deep", "Non-consecutive header level"),
    ],
)
def test_a_guide_with_something_wrong_in_it_ends_the_build(tmp_path, line, complaint):
    copy = copy_checkout(tmp_path)
    guide = copy / "docs" / "guide_set.md"
    guide.write_text(guide.read_text().replace("\n## ", "\n%s\n\n## " % line, 1))
    done = build(copy, tmp_path / "built")
    assert done.returncode and complaint in done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    "releases", [{}, {"1.0.0": {"release_date": "2026-11-29", "changes": {"bugfixes": ["It is so."]}}}]
)
def test_the_site_has_the_notes_of_a_release_once_there_is_one(tmp_path, releases):
    copy = copy_checkout(tmp_path)
    (copy / "changelogs" / "changelog.yaml").write_text(yaml.safe_dump({"ancestor": None, "releases": releases}))
    done = build(copy, tmp_path / "built")
    assert done.returncode == 0, done.stdout + done.stderr
    notes = tmp_path / "built" / "html" / "changelog.html"
    assert notes.exists() == bool(releases) and ("It is so." in notes.read_text() if releases else True)


def test_antsibull_docs_takes_the_list_of_guides_as_it_is(checkout, tmp_path):
    # As somebody does who has the installed collection and none of this machinery.
    programs = pathlib.Path(sys.executable).parent
    source = tmp_path / "rst"
    source.mkdir(mode=0o755)
    done = subprocess.run(
        [programs / "antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
        + ["--dest-dir", source, "bitrix24.portal"],
        cwd=tmp_path,
        env=clean_environment(ANSIBLE_COLLECTIONS_PATH=str(checkout.parents[2])),
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^    docsite/guides$", (source / "index.rst").read_text(), re.MULTILINE)
    assert (source / "docsite" / "guides.rst").read_text().count("/docs/guide_") == len(
        list((ROOT / "docs").glob("guide_*.md"))
    )
