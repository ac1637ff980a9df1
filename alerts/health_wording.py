"""A target's state in the reader's language: its name, and what is wrong."""

from alerts.wording import reason_words
from core.ledger import Health, Measure, TargetHealth

HEALTHS_ZH = {
    Health.OK: "正常", Health.EMPTY: "未采到内容", Health.SHRUNKEN: "内容明显减少",
    Health.FAILED: "采集失败", Health.BLOCKED: "被拦截", Health.NEVER_RUN: "尚未采集",
    Health.BAD_CONFIG: "配置错误", Health.CUT_SHORT: "采集中断", Health.CAPTCHA: "出现验证码",
    Health.LOGIN: "要求登录", Health.DRIFTED: "页面结构变化", Health.FROZEN: "列表停滞",
    Health.STALE: "内容陈旧",
}  # fmt: skip
FIELDS_ZH = {"title": "标题", "account": "账号", "text": "正文", "published_at": "发布时间"}


def health_name(health: Health, language: str) -> str:
    """A state of a target in the reader's language."""
    return HEALTHS_ZH[health] if language == "zh" else health.value


def health_words(health: TargetHealth, language: str) -> str:
    """What is wrong with a target, in the reader's language, and whether it stands."""
    if health.run is None or health.health is Health.OK:
        return health.detail if language != "zh" or health.run is None else _pages(health)
    said = _details_zh(health) if language == "zh" else health.detail
    return f"{said}{_standing(health, language)}"


def standing_words(health: TargetHealth) -> str:
    """For the operator's list: `` for a good run, whether a state is raised for others."""
    return "" if health.health in {Health.OK, Health.NEVER_RUN} else _standing(health, "en")


def _standing(health: TargetHealth, language: str) -> str:
    if not health.raised or health.since is None:
        return "（首次出现，下次仍如此即告警）" if language == "zh" else " (first time)"
    day = f"{health.since:%Y-%m-%d %H:%M} UTC"
    return f"（自 {day} 起连续出现）" if language == "zh" else f" (raised, since {day})"


def _details_zh(health: TargetHealth) -> str:
    assert health.run is not None  # noqa: S101 (the caller looked)
    report = health.run.report
    parts = [_measure_zh(health.measure)] if health.measure else []
    if health.health in {Health.FAILED, Health.CUT_SHORT} and report.reason:
        parts.append(reason_words(report.reason, "zh"))
    barren = sum(not count for count in report.yields.values())
    if barren:
        parts.append(f"{len(report.yields)} 个检索词中 {barren} 个无结果")
    parts += [
        f"{reason_words(reason, 'zh')} {count}" for reason, count in sorted(report.drops.items())
    ]
    return "，".join(parts) or _pages(health)


def _pages(health: TargetHealth) -> str:
    return f"采到 {health.run.report.pages} 页" if health.run else health.detail


def _measure_zh(measure: Measure) -> str:
    now, usual = measure.now, measure.usual
    if measure.what.startswith("fill_"):
        field = FIELDS_ZH[measure.what.removeprefix("fill_")]
        return f"{field}填写率 {now:.0%}，应有 {usual:.0%}"
    return {
        "pages": f"采到 {now:.0f} 页，平时 {usual:.0f} 页",
        "min_pages": f"采到 {now:.0f} 页，至少应有 {usual:.0f} 页",
        "walled": f"{usual:.0f} 页中 {now:.0f} 页不是内容",
        "new_share": f"{now:.0%} 的页面为新地址，平时 {usual:.0%}",
        "failing_share": f"{now:.0%} 的应答出错，平时 {usual:.0%}",
        "age_days": f"最新内容已 {now:.0f} 天，最多 {usual:.0f} 天",
        "quiet_days": f"{now:.0f} 天没有更新，此前最长 {usual:.1f} 天",
    }[measure.what]
