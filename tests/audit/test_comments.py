# Copyright (c) 2026 The bitrix24.portal contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""plan.md and audit.md as the comment of a merge request, rendered by GitHub's own parser and seen in a browser."""

from __future__ import annotations

import pytest

from ansible_collections.bitrix24.portal.plugins.plugin_utils._fleet import comment as plan_comment
from ansible_collections.bitrix24.portal.plugins.plugin_utils._report.formats import FORMS
from tests import github
from tests.audit import fleet, plans, sixty

COMMENTS = {
    "plan.md, 1 portal": lambda: plan_comment.comment(plans.one()),
    "plan.md, 60 portals": lambda: plan_comment.comment(plans.sixty_plans()),
    "plan.md, hostile": lambda: plan_comment.comment(plans.hostile()),
    "audit.md, 1 portal": lambda: FORMS["markdown"](sixty.one()),
    "audit.md, 60 portals": lambda: FORMS["markdown"](sixty.sixty()),
    "audit.md, hostile": lambda: FORMS["markdown"](
        fleet.report(*[fleet.hostile_portal(name) for name in fleet.HOSTILE.values()])
    ),
}
COMMENT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A comment</title><style>
body { max-width: 780px; margin: 24px auto; font: 14px/1.5 sans-serif; color: #1f2328; overflow-wrap: break-word; }
code, pre { font: 12px/1.45 monospace; background: #eff1f3; border-radius: 6px; padding: .2em .4em; }
pre { padding: 16px; overflow: auto; } pre code { padding: 0; }
table { border-collapse: collapse; } th, td { border: 1px solid #d1d9e0; padding: 6px 13px; }
</style><body>%s"""
VISIBLE = """
(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [];
  while (walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const at = range.getBoundingClientRect();
    const shown = walker.currentNode.parentElement.checkVisibility({contentVisibilityAuto: true});
    if (shown && at.width && at.right <= window.innerWidth && at.bottom <= window.innerHeight) {
      seen.push(walker.currentNode.data);
    }
  }
  return seen.join(' ');
})()
"""


@pytest.fixture(params=COMMENTS)
def comment(request, browser, screenshots):
    path = screenshots / f"{request.param}.html"
    path.write_text(COMMENT % github.rendered(COMMENTS[request.param]()), encoding="utf-8")
    with browser.page(width=900, height=900) as page:
        page.open(path)
        page.screenshot(screenshots / f"{request.param}.png", whole=True)
        page.run("document.querySelectorAll('details').forEach(one => { one.open = false; })")
        page.settle()
        yield request.param, page


def test_a_comment_warns_on_the_first_screen_and_holds_nothing_that_acts(comment):
    name, page = comment
    assert page.run("document.querySelectorAll('a, img, script, iframe, object, form, h3 ~ h1').length") == 0
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.complaints == []
    if name.startswith("plan.md"):
        assert "no way back" in page.run(VISIBLE).lower()
    assert all(
        words in page.run(VISIBLE) for words in {"audit.md, 60 portals": ["Company mail", "aachen"]}.get(name, [])
    )
