# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the server that a portal names to addresses."""

from __future__ import annotations

import ipaddress
import itertools
import queue
import re
import socket
import threading
from typing import TYPE_CHECKING, Any, List, Tuple

from .._idna import ascii_name
from .facts import BAD_NAME, NO_NAME_SERVER, NO_SUCH_NAME, TIMED_OUT, Trouble

if TYPE_CHECKING:
    from .facts import Deadline

Addresses = List[Tuple[int, Tuple[Any, ...]]]
"""``[(family, what connect() takes)]``"""

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*\.?")
_LONGEST = 253


def to_ascii(server: str) -> str:
    """The name as the network knows it, without a dot at its end. Raises Trouble: it is none."""
    if _is_address(server):
        return server
    name = ascii_name(server)
    if name is None:
        raise Trouble(BAD_NAME, "it has no form in ASCII, or the Python library idna is missing where the probe runs")
    if len(name) > _LONGEST or not _HOST_NAME.fullmatch(name):
        raise Trouble(BAD_NAME)
    return name.rstrip(".")


def _is_address(server: str) -> bool:
    try:
        ipaddress.ip_address(server)
    except ValueError:
        return False
    return True


def resolve(name: str, port: int, deadline: Deadline) -> Addresses:
    """Every address of the name, of both families by turns, IPv6 first. Raises Trouble."""
    answers: queue.Queue[Any] = queue.Queue()
    # The system's resolver takes the time that it takes: it is not waited for any longer than the deadline.
    threading.Thread(target=_ask, args=(name, port, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise Trouble(TIMED_OUT) from None
    if isinstance(answer, Trouble):
        raise answer
    known = list(dict.fromkeys((family, address) for family, _kind, _protocol, _name, address in answer))
    six = [item for item in known if item[0] == socket.AF_INET6]
    four = [item for item in known if item[0] == socket.AF_INET]
    by_turns = [item for pair in itertools.zip_longest(six, four) for item in pair if item is not None]
    if not by_turns:
        raise Trouble(NO_SUCH_NAME)
    return by_turns


def _ask(name: str, port: int, answers: queue.Queue[Any]) -> None:
    try:
        answers.put(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
    except socket.gaierror as error:
        answers.put(Trouble(NO_NAME_SERVER if error.errno == socket.EAI_AGAIN else NO_SUCH_NAME))
    except (OSError, UnicodeError):
        answers.put(Trouble(NO_SUCH_NAME))
