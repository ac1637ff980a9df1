"""Targets: every fault at once, with its place."""

import pytest

from crawler.workspace import load_workspace
from crawler.yaml_source import read_yaml

GOOD = "title: 清浦论坛\nspider: listing\nstart_urls: [https://forum.example.cn/a]\n"


def test_a_good_folder_has_no_faults_and_frozen_targets(workspace):
    found = workspace(forum=GOOD + "every: 6h\n")
    assert found.faults == ()
    assert found.targets[0].id == "forum"
    assert found.targets[0].start_urls == ("https://forum.example.cn/a",)
    with pytest.raises(ValueError, match="frozen"):
        found.targets[0].title = "other"


def test_all_faults_of_a_file_are_said_at_once_with_line_and_column(workspace, said):
    bad = (
        "title: x\nspider: listng\nshedule: 6h\nstart_urls: [ftp://x]\n"
        'limits: {pages: 0, depht: 1}\nlinks: {css: "a..b", allow: "("}\n'
        'cron: "0 2 * * 0"\ntitle: y\n'
    )
    lines = said(workspace(bad=bad)).splitlines()
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


def test_one_bad_file_leaves_the_others_usable(workspace, said):
    found = workspace(bad="title: [", good=GOOD)
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
def test_a_file_that_cannot_be_read_is_one_clear_fault(workspace, said, text, what):
    assert what in said(workspace(bad=text))


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


def test_two_files_of_one_id_are_a_fault(workspace, said, tmp_path):
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "forum.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "targets" / "forum.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "adwatch.yml").write_text("contact: x\n")
    found = load_workspace(tmp_path, {})
    assert "is also that of forum.yaml" in said(found)
    assert len(found.targets) == 1


def test_an_id_inside_the_file_must_be_the_files_name(workspace, said):
    assert "the id of forum.yml is 'forum'" in said(workspace(forum=GOOD + "id: other\n"))


def test_every_and_cron_exclude_one_another(workspace, said):
    both = GOOD + 'every: 6h\ncron: "0 2 * * sun"\n'
    assert "every and cron exclude one another" in said(workspace(t=both))


@pytest.mark.parametrize("line", ["0 2 * *", "0 2 * * 7", "99 2 * * sun", "x y z a b"])
def test_a_bad_cron_line_is_a_fault(workspace, said, line):
    assert "t.cron" in said(workspace(t=f'{GOOD}cron: "{line}"\n'))


def test_a_robots_override_needs_a_reason(workspace, said):
    assert "needs a reason" in said(workspace(t=GOOD + "robots: {obey: false}\n"))


def test_a_region_outside_the_jurisdiction_is_a_fault(workspace, said):
    settings = "jurisdiction: {places: [环翠区, 文登区]}\n"
    found = workspace(settings, t=GOOD + "labels: {region: 环翠}\n")
    assert "did you mean '环翠区'" in said(found)


CHANNEL = (
    "alerts:\n  channels:\n    mail: {{kind: smtp, host: h, sender: a@x.cn, to: [b@x.cn], "
    "user: u, password: {}}}\n  routes: {{digest: [mail]}}\n"
)


def test_a_thousand_targets_are_read_whole(workspace):
    targets = {
        f"t{number:04}": (
            GOOD
            + f"every: {number % 9 + 1}h\nlinks: {{css: 'ul.a{number} a', allow: /t-{number}}}\n"
            "limits: {pages: 50, delay_s: 0.5}\nexpect: {min_pages: 5, fill: {title: 0.9}}\n"
            "labels: {medium: web, industry: 投资理财}\n"
        )
        for number in range(1000)
    }
    found = workspace(**targets)
    assert (len(found.targets), list(found.faults)) == (1000, [])


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
def test_what_is_wrong_in_a_target_is_said_in_a_persons_words(workspace, said, extra, what):
    assert what in said(workspace(t=GOOD + extra))


@pytest.mark.parametrize(
    "url",
    ["ftp://x.cn", "javascript:alert(1)", "file:///etc/passwd", "https://", "http://user@", "x.cn",
     "https://a b.cn", "http://x:99999/", "https://[::1", "http://x:0/"],
)  # fmt: skip
def test_only_addresses_that_can_be_asked_are_start_urls(workspace, said, url):
    found = workspace(t=f"title: x\nspider: listing\nstart_urls: ['{url}']\n")
    assert "t.start_urls.0" in said(found)


def test_a_spider_by_another_programs_name_is_understood(workspace, said):
    found = workspace(t=GOOD.replace("listing", "rss"))
    assert "did you mean 'feed'?" in said(found)


@pytest.mark.parametrize(("text", "what"), [("", "is empty"), ("# only\n", "is empty"),
    ('title: "a\x01b"\n', "U+0001 is not allowed")])  # fmt: skip
def test_a_file_without_content_or_with_control_characters_is_a_fault(workspace, said, text, what):
    assert what in said(workspace(t=text))


def test_what_is_no_file_is_said_and_stops_nothing(workspace, said, tmp_path):
    workspace(good=GOOD)
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
