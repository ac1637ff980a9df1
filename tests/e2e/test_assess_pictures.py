"""`adwatch assess` of pictures."""

import json
from hashlib import sha256


def test_a_picture_is_judged_with_the_places_of_its_quotes(desk, posters, tmp_path):
    data = posters.png(posters.scheme)
    (tmp_path / "poster.png").write_bytes(data)
    found = json.loads(desk.adwatch("assess", str(tmp_path / "poster.png")).stdout)
    assert (found["id"], found["level"]) == ("poster.png", "high")
    for hit in found["hits"]:
        assert found["text"][hit["start"] : hit["end"]] == hit["quote"]
        assert hit["picture"]["sha256"] == sha256(data).hexdigest()
        assert hit["picture"]["boxes"]


def test_a_line_that_names_no_picture_is_answered_by_an_error(desk, posters, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "good.png").write_bytes(posters.png(posters.calm))
    names = ("text.png", "missing.png", "good.png")
    lines = [json.dumps({"id": name, "image": str(tmp_path / name)}) for name in names]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    done = desk.adwatch("assess", str(tmp_path / "in.jsonl"), expect=4)
    wrong, missing, good = map(json.loads, done.stdout.splitlines())
    assert wrong["error"].startswith("picture_format")
    assert "No such file" in missing["error"]
    assert good["level"] == "none"
    assert good["text"].split("\n") == list(posters.calm)
