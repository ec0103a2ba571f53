"""The page's shared words are the ground floor's, as JSON, as a module and as colours."""

import json
import re

import requests

import brownout_terms
from tests.panel.test_api import ask, stand


def test_the_page_gets_the_words_of_the_ground_floor_in_three_forms() -> None:
    words = json.loads(json.dumps(brownout_terms.document()))
    with stand() as url:
        assert ask(url, "GET", "/api/terms").document == words
        module = requests.get(f"{url}/static/terms.js", timeout=10)
        style = requests.get(f"{url}/static/terms.css", timeout=10)
    assert module.headers["Content-Type"].startswith("text/javascript")
    assert json.loads(module.text[module.text.index("{") : module.text.rindex("}") + 1]) == words
    assert style.headers["Content-Type"].startswith("text/css")
    assert set(words["colours"].values()) <= set(re.findall(r"#[0-9A-Fa-f]{6}", style.text))
