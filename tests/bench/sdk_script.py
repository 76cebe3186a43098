# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people write on the official SDK: list, compare, update what differs, in batches. Arguments: the file of variables."""

from __future__ import annotations

import json
import os
import pathlib
import sys

from b24pysdk import BitrixWebhook, Client


def main(path):
    variables = json.loads(pathlib.Path(path).read_text())
    os.environ["REQUESTS_CA_BUNDLE"] = variables["ca"]
    domain, dummy, token = variables["webhook"].removeprefix("https://").partition("/rest/")
    client = Client(BitrixWebhook(domain=domain, webhook_token=token.strip("/")))
    existing = {row["NAME"]: row for row in client.mailservice.list().result}
    calls = []
    for desired, row in zip(variables["services"], variables["rows"], strict=True):
        stored = existing.get(desired["name"])
        if stored is None:
            calls.append(client.mailservice.add(**desired))
        elif any(stored[key] != value for key, value in row.items()):
            calls.append(client.mailservice.update(int(stored["ID"]), **desired))
    if calls:
        client.call_batches(calls, halt=True).call()
    print(len(calls), "of", len(existing), "changed")


if __name__ == "__main__":
    main(sys.argv[1])
