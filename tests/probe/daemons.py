# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Dovecot and Postfix on free ports of the loopback network, a situation an address of it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

INSTALL = "make test-setup installs Debian's packages"
WAIT = 15


PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/lib/nagios/plugins"])
PR_SET_PDEATHSIG = 1


def start(*command, **environment):
    """A daemon in the foreground, which ends with the process of the tests however that ends."""
    libc = ctypes.CDLL(None)
    return subprocess.Popen(
        command,
        env=dict(os.environ, PATH=PATH, **environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM),
    )


def stop(process):
    process.terminate()
    try:
        process.wait(WAIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port():
    """A port that is free on every address of this machine."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def public_folder():
    """A folder that the daemons' own users can enter."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="probe-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(host, port, log):
    end = time.monotonic() + WAIT
    while True:
        try:
            return socket.create_connection((host, port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise AssertionError(log.read_text() if log.exists() else f"no {log}") from None
            time.sleep(0.05)


DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
ssl = yes
ssl_min_protocol = {oldest}
ssl_cipher_list = ALL:@SECLEVEL=0
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
auth_mechanisms = plain login
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
import_environment = OPENSSL_CONF
passdb {{
  driver = static
  args = nopassword=y
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = {addresses}
    port = {plain}
  }}
  inet_listener imaps {{
    address = {addresses}
    port = {encrypted}
    ssl = yes
  }}
}}
service auth {{
  unix_listener sasl {{
    mode = 0666
  }}
}}
"""


class Dovecot:
    """``settings``: by address, the lines that hold for it; each begins with what the first has."""

    def __init__(self, folder, certificate, settings, oldest="TLSv1.2", environment=None):
        self.plain, self.encrypted = free_port(), free_port()
        self.sasl = folder / "run" / "sasl"
        self._log = folder / "dovecot.log"
        for name in ("run", "state"):
            (folder / name).mkdir()
        root = os.geteuid() == 0
        me = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        group = subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout.strip()
        text = DOVECOT.format(
            folder=folder,
            oldest=oldest,
            certificate=certificate[0],
            key=certificate[1],
            login_user="dovenull" if root else me,
            internal_user="dovecot" if root else me,
            internal_group="dovecot" if root else group,
            addresses=" ".join(settings),
            plain=self.plain,
            encrypted=self.encrypted,
        )
        for address, lines in settings.items():
            text += f"local {address} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"
        configuration = folder / "dovecot.conf"
        configuration.write_text(text)
        self._process = start("dovecot", "-c", configuration, "-F", **(environment or {}))
        try:
            wait_for(next(iter(settings)), self.encrypted, self._log)
        except AssertionError:
            self.close()
            raise

    @staticmethod
    def missing():
        return None if shutil.which("dovecot", path=PATH) else f"{INSTALL} dovecot-imapd, which these want."

    def close(self):
        stop(self._process)


POSTFIX = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
myhostname = mail.example.com
mydestination =
inet_protocols = ipv4
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
alias_maps =
alias_database =
local_recipient_maps =
proxy_read_maps =
smtpd_peername_lookup = no
smtpd_tls_chain_files = {key}, {certificate}
smtpd_sasl_type = dovecot
smtpd_sasl_path = unix:{sasl}
smtpd_sasl_auth_enable = yes
"""

SERVICES = """
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """``listeners``: ``{name: (address, options)}``; ``ports`` has the port of each by its name."""

    def __init__(self, folder, certificate, sasl, listeners):
        self._configuration = folder / "postfix"
        for path in (self._configuration, folder / "queue", folder / "data"):
            path.mkdir()
        shutil.chown(folder / "data", "postfix")
        self.ports = {name: free_port() for name in listeners}
        (self._configuration / "main.cf").write_text(
            POSTFIX.format(folder=folder, certificate=certificate[0], key=certificate[1], sasl=sasl)
        )
        lines = [
            " ".join([f"{address}:{self.ports[name]} inet n - n - - smtpd", *(f"-o {option}" for option in options)])
            for name, (address, options) in listeners.items()
        ]
        (self._configuration / "master.cf").write_text("\n".join(lines) + SERVICES)
        postfix = {"env": dict(os.environ, PATH=PATH), "stdin": subprocess.DEVNULL}
        given = ["-c", str(self._configuration)]
        subprocess.run(["postfix", *given, "check"], stderr=subprocess.DEVNULL, check=True, **postfix)
        folder_of_daemons = subprocess.run(
            ["postconf", *given, "-h", "daemon_directory"], capture_output=True, text=True, check=True, **postfix
        ).stdout.strip()
        self._process = start(f"{folder_of_daemons}/master", *given, "-d")
        name, (address, _options) = next(iter(listeners.items()))
        try:
            wait_for(address, self.ports[name], folder / "postfix.log")
        except AssertionError:
            self.close()
            raise

    @staticmethod
    def missing():
        if not shutil.which("postfix", path=PATH):
            return f"{INSTALL} postfix, which these want."
        return None if os.geteuid() == 0 else "Postfix starts as root only: run the tests that want it as root."

    def close(self):
        stop(self._process)
