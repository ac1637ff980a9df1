"""Configuration: every fault at once, with its place."""

import json
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from core.errors import ConfigError
from crawler.schema import settings_schema, target_schema
from crawler.starter import EXAMPLE_TARGET, SETTINGS
from crawler.workspace import load_workspace
from crawler.yaml_source import read_yaml

GOOD = "title: 清浦论坛\nspider: listing\nstart_urls: [https://forum.example.cn/a]\n"


def workspace(folder: Path, settings: str = "contact: a@example.cn\n", **targets: str):
    (folder / "targets").mkdir()
    (folder / "adwatch.yml").write_text(settings, encoding="utf-8")
    for name, text in targets.items():
        (folder / "targets" / f"{name}.yml").write_text(text, encoding="utf-8")
    return load_workspace(folder, {"SET": "s3cret"})


def said(found) -> str:
    return "\n".join(map(str, sorted(found.faults)))


def test_a_good_folder_has_no_faults_and_frozen_targets(tmp_path):
    found = workspace(tmp_path, forum=GOOD + "every: 6h\n")
    assert found.faults == ()
    assert found.targets[0].id == "forum"
    assert found.targets[0].start_urls == ("https://forum.example.cn/a",)
    with pytest.raises(ValueError, match="frozen"):
        found.targets[0].title = "other"


def test_all_faults_of_a_file_are_said_at_once_with_line_and_column(tmp_path):
    bad = (
        "title: x\nspider: listng\nshedule: 6h\nstart_urls: [ftp://x]\n"
        'limits: {pages: 0, depht: 1}\nlinks: {css: "a..b", allow: "("}\n'
        'cron: "0 2 * * 0"\ntitle: y\n'
    )
    lines = said(workspace(tmp_path, bad=bad)).splitlines()
    starts = [line.split(" ")[0] for line in lines]
    assert starts == [
        "targets/bad.yml:2:1",
        "targets/bad.yml:3:1",
        "targets/bad.yml:4:14",
        "targets/bad.yml:5:10",
        "targets/bad.yml:5:20",
        "targets/bad.yml:6:9",
        "targets/bad.yml:6:22",
        "targets/bad.yml:7:1",
        "targets/bad.yml:8:1",
    ]
    whole = "\n".join(lines)
    for hint in ("did you mean 'listing'?", "did you mean 'every'?", "did you mean 'depth'?"):
        assert hint in whole
    assert "is not a CSS selector" in whole
    assert "is not an RE2 pattern" in whole
    assert "first set in line 1" in whole


def test_one_bad_file_leaves_the_others_usable(tmp_path):
    found = workspace(tmp_path, bad="title: [", good=GOOD)
    assert [target.id for target in found.targets] == ["good"]
    assert "targets/bad.yml" in said(found)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- 1\n", "not a mapping"),
        ("a: &x 1\nb: *x\n", "anchors and aliases"),
        ("[" * 100_000, "nested deeper"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a: '\n", "broken YAML"),
        ("\t- a\n", "broken YAML"),
        ("x: " + "y" * 300_000, "larger than"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_fault(tmp_path, text, what):
    assert what in said(workspace(tmp_path, bad=text))


def test_bytes_that_are_no_utf8_are_said_with_their_line(tmp_path):
    path = tmp_path / "x.yml"
    path.write_bytes("title: ok\nname: 标题".encode("gb18030"))
    source, faults = read_yaml(path, "x.yml")
    assert source is None
    assert str(faults[0]).startswith("x.yml:2:1 x: not UTF-8")


def test_words_keep_the_meaning_that_people_give_them(tmp_path):
    path = tmp_path / "x.yml"
    path.write_text("a: NO\nb: on\nc: 12:30\nd: 010\ne: 0x1F\nf: 1e3\ng: '7'\nh: ~\ni: [x, {y: z}]")
    source, _ = read_yaml(path, "x.yml")
    assert source is not None
    assert source.data == {
        "a": "NO", "b": "on", "c": "12:30", "d": 10, "e": 31, "f": 1000.0, "g": "7", "h": None,
        "i": ("x", {"y": "z"}),
    }  # fmt: skip


def test_two_files_of_one_id_are_a_fault(tmp_path):
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "forum.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "targets" / "forum.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "adwatch.yml").write_text("contact: x\n")
    found = load_workspace(tmp_path, {})
    assert "is also that of forum.yaml" in said(found)
    assert len(found.targets) == 1


def test_an_id_inside_the_file_must_be_the_files_name(tmp_path):
    assert "the id of forum.yml is 'forum'" in said(workspace(tmp_path, forum=GOOD + "id: other\n"))


def test_every_and_cron_exclude_one_another(tmp_path):
    both = GOOD + 'every: 6h\ncron: "0 2 * * sun"\n'
    assert "every and cron exclude one another" in said(workspace(tmp_path, t=both))


@pytest.mark.parametrize("line", ["0 2 * *", "0 2 * * 7", "99 2 * * sun", "x y z a b"])
def test_a_bad_cron_line_is_a_fault(tmp_path, line):
    assert "t.cron" in said(workspace(tmp_path, t=f'{GOOD}cron: "{line}"\n'))


def test_a_robots_override_needs_a_reason(tmp_path):
    assert "needs a reason" in said(workspace(tmp_path, t=GOOD + "robots: {obey: false}\n"))


def test_a_region_outside_the_jurisdiction_is_a_fault(tmp_path):
    settings = "jurisdiction: {places: [环翠区, 文登区]}\n"
    found = workspace(tmp_path, settings, t=GOOD + "labels: {region: 环翠}\n")
    assert "did you mean '环翠区'" in said(found)


CHANNEL = (
    "alerts:\n  channels:\n    mail: {{kind: smtp, host: h, sender: a@x.cn, to: [b@x.cn], "
    "user: u, password: {}}}\n  routes: {{digest: [mail]}}\n"
)


def test_a_secret_comes_from_the_environment_and_prints_as_stars(tmp_path):
    found = workspace(tmp_path, CHANNEL.format('"${env:SET}"'))
    channel = found.ready().alerts.channels["mail"]
    assert channel.password.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(found)


def test_a_secret_comes_from_a_file(tmp_path):
    secret = tmp_path / "pw"
    secret.write_text("from file\n")
    found = workspace(tmp_path, CHANNEL.format(f'"file:{secret}"'))
    assert found.ready().alerts.channels["mail"].password.get_secret_value() == "from file"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("hunter2", "must not stand here"),
        ('"${env:MISSING}"', "MISSING is not set"),
        ('"file:/no/such/file"', "cannot be read"),
    ],
)
def test_a_secret_in_the_yaml_or_missing_is_a_fault_that_does_not_show_it(tmp_path, value, what):
    found = workspace(tmp_path, CHANNEL.format(value))
    assert what in said(found)
    assert "hunter2" not in said(found)
    with pytest.raises(ConfigError):
        found.ready()


def test_a_route_to_an_unknown_channel_is_a_fault(tmp_path):
    settings = "alerts: {routes: {digest: [mial]}}\n"
    assert "names the channel 'mial'" in said(workspace(tmp_path, settings))


def test_a_folder_without_settings_says_how_to_begin(tmp_path):
    assert "adwatch init" in said(load_workspace(tmp_path, {}))


def test_what_init_writes_is_valid(tmp_path):
    found = workspace(tmp_path, SETTINGS, example=EXAMPLE_TARGET)
    assert said(found) == ""
    assert not found.targets[0].enabled


def test_schemas_name_every_key_and_are_json():
    target = json.loads(json.dumps(target_schema()))
    assert {"title", "spider", "start_urls", "limits", "expect"} <= set(target["properties"])
    assert "id" not in target["required"]
    assert target["additionalProperties"] is False
    assert "storage" in settings_schema()["properties"]


def test_a_thousand_targets_are_checked_in_a_second(tmp_path, capsys):
    targets = {
        f"t{number:04}": (
            GOOD
            + f"every: {number % 9 + 1}h\nlinks: {{css: 'ul.a{number} a', allow: /t-{number}}}\n"
            "limits: {pages: 50, delay_s: 0.5}\nexpect: {min_pages: 5, fill: {title: 0.9}}\n"
            "labels: {medium: web, industry: 投资理财}\n"
        )
        for number in range(1000)
    }
    workspace(tmp_path, **targets)
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        found = load_workspace(tmp_path, {})
        seconds.append(time.process_time() - begun)
    with capsys.disabled():
        sys.stderr.write(f"\n1,000 targets: {min(seconds):.2f} s\n")
    assert len(found.targets) == 1000
    assert min(seconds) < 1.0


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        ("every: 0h\n", "is not a duration like 30m, 6h or 3d"),
        ("every: soon\n", "a duration like 30m, 6h or 3d"),
        ("every: 6\n", "should be a duration like 30m, 6h or 3d, but it is 6"),
        ("every: 99999999999999999999d\n", "a duration like"),
        ("cron: 5\n", "should be a quoted cron line"),
        ('cron: "0 2 30 feb *"\n', "names a day that never comes"),
        ('cron: "0 2 * * 0"\n', "days of the week as names"),
        ("browser: yes\n", "should be true or false, but it is 'yes'"),
        ("limits:\n", "should be a mapping of keys to values, but it is empty"),
        ("limits: {delay_s: .nan}\n", "t.limits.delay_s: should be a number"),
        ("limits: {pages: 1, pages: 2}\n", "t.limits.pages: stands twice"),
        ("labels: !!python/object/apply:os.system [id]\n", "t.labels"),
        ("expect: {fill: {titel: 0.9}}\n", "did you mean 'title'?"),
        ("expect: {fill: {title: 3}}\n", "is not a share between 0 and 1"),
        ("<<: {browser: true}\n", "unknown key"),
        ("next: {css: '//div/a'}\n", "is not a CSS selector"),
        ("links: {deny: '(?=x)'}\n", "is not an RE2 pattern"),
    ],
)
def test_what_is_wrong_in_a_target_is_said_in_a_persons_words(tmp_path, extra, what):
    assert what in said(workspace(tmp_path, t=GOOD + extra))


@pytest.mark.parametrize(
    "url",
    ["ftp://x.cn", "javascript:alert(1)", "file:///etc/passwd", "https://", "http://user@", "x.cn",
     "https://a b.cn", "http://x:99999/", "https://[::1", "http://x:0/"],
)  # fmt: skip
def test_only_addresses_that_can_be_asked_are_start_urls(tmp_path, url):
    found = workspace(tmp_path, t=f"title: x\nspider: listing\nstart_urls: ['{url}']\n")
    assert "t.start_urls.0" in said(found)


def test_a_spider_by_another_programs_name_is_understood(tmp_path):
    found = workspace(tmp_path, t=GOOD.replace("listing", "rss"))
    assert "did you mean 'feed'?" in said(found)


@pytest.mark.parametrize(("text", "what"), [("", "is empty"), ("# only\n", "is empty"),
    ('title: "a\x01b"\n', "U+0001 is not allowed")])  # fmt: skip
def test_a_file_without_content_or_with_control_characters_is_a_fault(tmp_path, text, what):
    assert what in said(workspace(tmp_path, t=text))


def test_what_is_no_file_is_said_and_stops_nothing(tmp_path):
    workspace(tmp_path, good=GOOD)
    folder = tmp_path / "targets"
    (folder / "dir.yml").mkdir()
    (folder / "gone.yml").symlink_to("/no/such/file")
    (folder / "loop.yml").symlink_to(folder / "loop.yml")
    (tmp_path / "elsewhere.yml").write_text(GOOD, encoding="utf-8")
    (folder / "linked.yml").symlink_to(tmp_path / "elsewhere.yml")
    found = load_workspace(tmp_path, {})
    assert [target.id for target in found.targets] == ["good", "linked"]
    faults = said(found)
    assert "targets/dir.yml:1:1 dir: is a directory" in faults
    assert "gone: is a link to /no/such/file, which does not exist" in faults
    assert "loop: cannot be read" in faults


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ("storage: mysql://x\n", "adwatch.storage"),
        ("storage: postgresql://x\n", "did you mean 'postgresql+psycopg://"),
        ("timezone: Asia/Shanghia\n", "adwatch.timezone"),
        ("network: {allow: [10.0.0.0/99]}\n", "adwatch.network.allow.0"),
        ("schedule: {every: 0m}\n", "adwatch.schedule.every"),
        ("schedule: {digest: {at: '8:40'}}\n", "a time of day like 08:40"),
        ("review_url: javascript:alert(1)\n", "adwatch.review_url"),
        ("alerts: {channels: {a: {kind: smtpp}}}\n", "did you mean 'smtp'?"),
        ("alerts: {channels: {a: {host: x}}}\n", "kind is required"),
        ("contact: x\ncontact: y\n", "stands twice"),
    ],
)
def test_faulty_settings_are_said_with_their_place(tmp_path, settings, where):
    found = workspace(tmp_path, settings, good=GOOD)
    assert where in said(found)
    assert [target.id for target in found.targets] == ["good"]


def test_schemas_accept_what_init_writes_and_refuse_what_check_refuses(tmp_path):
    for schema, text in ((settings_schema(), SETTINGS), (target_schema(), EXAMPLE_TARGET)):
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        path = tmp_path / "x.yml"
        path.write_text(text, encoding="utf-8")
        source, _ = read_yaml(path, "x.yml")
        data = json.loads(json.dumps(source.data))
        assert list(validator.iter_errors(data)) == []
        assert list(validator.iter_errors({**data, "unknwon": 1}))
