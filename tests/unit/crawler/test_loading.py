import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("crawler.crawl_process", "classifiers.engine"),
        ("crawler.crawl_process", "jieba"),
        ("pipelines.read_page", "scrapy"),
        ("pipelines.read_page", "pypinyin"),
        ("storage.database", "alembic"),
        ("classifiers.rulebook", "classifiers.lexicon"),
    ],
)
def test_a_process_does_not_load_what_it_never_calls(module, spared):
    asked = f"import sys, {module}; print({spared!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
