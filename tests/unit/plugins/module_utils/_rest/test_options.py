# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options as Ansible validates them, and what else can be wrong with them."""

from __future__ import annotations

import contextlib
import os
import pathlib
import tempfile

import pytest
import trustme
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from cryptography.hazmat.primitives import serialization

from ansible_collections.bitrix24.portal.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.bitrix24.portal.plugins.module_utils._argspec import CONNECTION_SPEC
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.choose import ENVIRONMENT, choose
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.errors import OptionError
from ansible_collections.bitrix24.portal.plugins.module_utils._rest.options import Settings

DOCUMENTED = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
HOOK = "https://portal.example/rest/1/s3cr3t0000000001/"
AUTHORITY = trustme.CA()
NULLABLE = [name for name, spec in CONNECTION_SPEC.items() if "default" not in spec]


def validated(**given):
    result = ArgumentSpecValidator(CONNECTION_SPEC).validate(given)
    assert not result.error_messages
    return result.validated_parameters


def settings(**given):
    return Settings(validated(**given))


def problems(**given):
    with pytest.raises(OptionError) as caught:
        settings(**given)
    return caught.value.problems


def test_the_documentation_has_every_option_with_its_type_and_default():
    assert {name: (option["type"], option.get("default")) for name, option in DOCUMENTED.items()} == {
        name: (spec["type"], spec.get("default")) for name, spec in CONNECTION_SPEC.items()
    }


@pytest.mark.parametrize("name", CONNECTION_SPEC)
def test_the_documentation_names_every_environment_variable(name):
    variables = CONNECTION_SPEC[name]["fallback"][1] if name not in ENVIRONMENT else [ENVIRONMENT[name]]
    assert variables[0] == "B24_" + name.upper()
    for variable in variables:
        assert "E(%s)" % variable in "".join(DOCUMENTED[name]["description"])


def test_only_the_secrets_are_secret():
    assert [name for name, spec in CONNECTION_SPEC.items() if spec.get("no_log")] == [
        "webhook_url",
        "access_token",
        "refresh_token",
        "client_secret",
    ]


def test_the_defaults_hold_where_nothing_is_given():
    defaults = settings()
    assert (defaults.timeout, defaults.retries, defaults.retry_max_wait) == (60, 4, 120)
    assert (defaults.verify, defaults.cert, defaults.expected_host) == (True, None, None)
    assert defaults.warnings == []


VARIABLES = dict(
    B24_TIMEOUT="7",
    B24_RETRIES="0",
    B24_RETRY_MAX_WAIT="9",
    B24_VALIDATE_CERTS="no",
    B24_EXPECTED_HOST="portal.example",
)


@pytest.mark.parametrize("given", [{}, dict.fromkeys(NULLABLE), dict.fromkeys(NULLABLE, "")])
def test_the_environment_goes_before_the_defaults_for_what_is_left_out_or_null_or_empty(monkeypatch, given):
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    from_there = settings(**given)
    assert (from_there.timeout, from_there.retries, from_there.retry_max_wait) == (7, 0, 9)
    assert (from_there.verify, from_there.expected_host) == (False, "portal.example")
    assert len(from_there.warnings) == 1


def test_the_task_goes_before_the_environment(monkeypatch):
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    given = settings(timeout="1", retries=2, retry_max_wait=3, validate_certs=True, expected_host="other.example")
    assert (given.timeout, given.retries, given.retry_max_wait, given.verify, given.expected_host) == (
        1,
        2,
        3,
        True,
        "other.example",
    )


def test_an_empty_variable_is_none(monkeypatch):
    for name in list(VARIABLES) + ["B24_CA_PATH", "REQUESTS_CA_BUNDLE", "B24_CLIENT_CERT"]:
        monkeypatch.setenv(name, " ")
    defaults = settings(ca_path="", client_key="", expected_host="")
    assert (defaults.timeout, defaults.verify, defaults.cert, defaults.expected_host) == (60, True, None, None)


def test_a_variable_of_the_wrong_kind_is_said_by_its_name(monkeypatch):
    monkeypatch.setenv("B24_TIMEOUT", "soon")
    with pytest.raises(OptionError, match="timeout: the environment variable B24_TIMEOUT cannot be read as int"):
        Settings(dict(timeout=None))


def test_a_webhook_in_the_environment_does_not_get_in_the_way_of_a_task_that_names_a_token(monkeypatch):
    monkeypatch.setenv("B24_WEBHOOK_URL", HOOK)
    chosen = choose(validated(portal_url="https://other.example", access_token="tok-ok"))
    assert (chosen.kind, chosen.host) == ("access_token", "other.example")
    assert choose(validated(webhook_url=None)).host == "portal.example"


def test_numbers_that_cannot_be_are_said_all_at_once():
    assert problems(timeout=0, retries=-1, retry_max_wait=-5) == [
        "timeout must be 1 or more, not 0",
        "retries must be 0 or more, not -1",
        "retry_max_wait must be 0 or more, not -5",
    ]


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with all kinds of files, as the working directory."""
    monkeypatch.chdir(tmp_path)
    first, two = AUTHORITY.issue_cert("a.example"), AUTHORITY.issue_cert("b.example")
    AUTHORITY.cert_pem.write_to_path("ca.pem")
    first.private_key_and_cert_chain_pem.write_to_path("both.pem")
    first.cert_chain_pems[0].write_to_path("cert.pem")
    first.private_key_pem.write_to_path("key.pem")
    two.private_key_pem.write_to_path("other-key.pem")
    (tmp_path / "text").write_text("no certificate\n")
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (tmp_path / "cut.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIBA\n-----END CERTIFICATE-----\n")
    key = serialization.load_pem_private_key(first.private_key_pem.bytes(), None)
    (tmp_path / "encrypted.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"pass phrase"),
        )
    )
    (tmp_path / "large-text").write_text("no certificate\n" * 10000)
    (tmp_path / "large.pem").write_bytes(AUTHORITY.cert_pem.bytes() * 200)
    (tmp_path / "empty").mkdir()
    (tmp_path / "unhashed").mkdir()
    AUTHORITY.cert_pem.write_to_path("unhashed/ca.pem")
    (tmp_path / "hashed").mkdir()
    AUTHORITY.cert_pem.write_to_path("hashed/0a1b2c3d.0")
    os.mkfifo("pipe")
    return tmp_path


@pytest.mark.parametrize(
    "given, verify, cert",
    [
        (dict(ca_path="ca.pem"), "ca.pem", None),
        (dict(ca_path="large.pem"), "large.pem", None),
        (dict(ca_path="hashed"), "hashed", None),
        (dict(ca_path="text", validate_certs=False), False, None),
        (dict(client_cert="both.pem"), True, "both.pem"),
        (dict(client_cert="cert.pem", client_key="key.pem"), True, ("cert.pem", "key.pem")),
    ],
)
def test_certificates_are_taken_from_files_that_hold_them(files, given, verify, cert):
    taken = settings(**given)
    assert (taken.verify, taken.cert) == (verify, cert)


@pytest.mark.parametrize(
    "given, says",
    [
        (dict(ca_path="nowhere.pem"), "there is no nowhere.pem"),
        (dict(ca_path="text"), "text holds no certificates in PEM form"),
        (dict(ca_path="large-text"), "large-text holds no certificates in PEM form"),
        (dict(ca_path="key.pem"), "key.pem holds no certificates in PEM form"),
        (dict(ca_path="broken.pem"), "broken.pem holds no certificates in PEM form"),
        (dict(ca_path="cut.pem"), "cut.pem holds no certificates in PEM form"),
        (dict(ca_path="pipe"), "pipe cannot be read"),
        (dict(ca_path="empty"), "openssl rehash"),
        (dict(ca_path="unhashed"), "openssl rehash"),
        (dict(client_key="key.pem"), "of no use without client_cert"),
        (dict(client_cert="nowhere.pem", client_key="neither.pem"), "there is no nowhere.pem"),
        (dict(client_cert="empty"), "empty cannot be read"),
        (dict(client_cert="cert.pem"), "no certificate with its private key in PEM form in cert.pem"),
        (dict(client_cert="text", client_key="key.pem"), "in text and key.pem"),
        (dict(client_cert="cert.pem", client_key="other-key.pem"), "does not belong to the certificate"),
        (dict(client_cert="cert.pem", client_key="encrypted.pem"), "pass phrase"),
    ],
)
def test_a_file_that_is_of_no_use_is_said_before_anything_is_sent(files, given, says):
    assert says in problems(**given)[0]


@contextlib.contextmanager
def as_nobody():
    """Root reads everything, so root is nobody for the moment."""
    nobody = 65534 if os.geteuid() == 0 else os.geteuid()
    back = os.getresuid()
    os.setresuid(nobody, nobody, back[0])
    try:
        yield
    finally:
        os.setresuid(*back)


def test_a_file_that_may_not_be_read_is_said():
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        path = pathlib.Path(folder) / "ca.pem"
        AUTHORITY.cert_pem.write_to_path(str(path))
        path.chmod(0o644)
        with as_nobody():
            assert settings(ca_path=str(path)).verify == str(path)
        path.chmod(0)
        with as_nobody():
            assert "ca.pem cannot be read" in problems(ca_path=str(path))[0]


def test_a_home_folder_and_the_shared_variable_are_understood(files, monkeypatch):
    monkeypatch.setenv("HOME", str(files))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "~/ca.pem")
    assert settings().verify == settings(ca_path=None).verify == str(files / "ca.pem")
    monkeypatch.setenv("B24_CA_PATH", "~/hashed")
    assert settings().verify == str(files / "hashed")


def test_a_file_that_cannot_be_read_in_the_end_is_told_in_one_line():
    assert "/proc/self/mem holds no certificates" in str(problems(ca_path="/proc/self/mem"))
