"""The words of the digest, in Chinese and English: one table, the same keys."""

from collections.abc import Iterable

from core.records import Level

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "title": "监测日报",
        "subject": "【监测日报】{day} 新增疑似 {new}（高危 {high}）待办 {backlog}",
        "subject_faults": " · 站点异常 {faults}", "span": "{first} 至 {last}", "and_more": "等 {count} 个",
        "failed": "采集异常：", "config_count": "配置问题 {count} 处",
        "nothing": "本期未发现新的疑似线索，已巡检 {ok}/{all} 个站点。",
        "new": "新增疑似", "high": "其中高危", "backlog": "待办复核", "faults": "站点异常",
        "yesterday": "前一日 {count}", "checked": "已巡检 {ok}/{all} 个站点",
        "score": "得分", "why": "为什么", "law": "涉嫌违反", "rate": "收益", "where": "出现位置",
        "contacts": "联系方式", "companies": "主体", "keywords": "关键词", "evasion": "规避手法",
        "kinds": "主要类型：", "worst": "最需关注：", "beside": "位于《{title}》页面", "picture": "图片",
        "box": "图片中 {boxes}", "page": "打开网页", "evidence": "证据 {seq} 号", "evidence_page": "查看证据",
        "review": "去复核", "more_places": "另有 {count} 处", "same": "同文 {count} 处",
        "folded": "相近内容合并：线索 {ids}", "reopened": "内容有变化，重新提示",
        "first_seen": "首次发现", "last_seen": "最近出现", "times": "累计 {count} 次",
        "rate_line": "宣传口径“{quote}” → 折算年化 {pct}{assumption}{multiple}",
        "rate_unknown": "宣传口径“{quote}”（{assumption}）",
        "multiple": "，约为一年期 LPR（{lpr}%，{date}）的 {times} 倍",
        "hidden": "其余 {count} 条见附件表格。", "brief_rest": "其余 {count} 条见邮件日报或复核页面。", "health": "采集情况", "config": "配置问题",
        "target": "站点", "state": "状态", "detail": "说明", "pages": "页数", "all_ok": "全部站点采集正常。",
        "others_ok": "其余 {count} 个站点采集正常。",
        "footer": "统计区间 {start} 至 {end}（{zone}）· 采集批次 {runs} · 规则库 {rulebook}",
        "notice": "本日报由系统自动研判，仅作线索提示，结论以人工核查为准。",
        "alert_notice": "本消息由系统自动研判，仅作线索提示，结论以人工核查为准。",
        "level": "风险", "stance": "语境", "text": "原文", "silenced": "因语境不计分",
        "sheet_findings": "线索", "sheet_places": "出现位置", "sheet_health": "站点巡检",
        "id": "编号", "finding_title": "标题", "account": "账号", "patterns": "违规类型",
        "quote": "违规语句", "reasons": "研判理由", "annual": "折算年化%", "stated": "宣传口径",
        "places": "出现处数", "times_col": "累计次数", "url": "网址", "status": "处理状态",
        "evidence_col": "证据编号", "sha": "SHA-256", "run": "批次", "new_col": "新增",
        "changed": "变化", "unchanged": "未变", "suspect": "疑似", "dropped": "丢弃",
        "captured": "固定时间", "asked": "请求网址", "final": "最终网址", "redirects": "跳转",
        "http": "HTTP 状态", "server": "服务器地址", "record_hash": "记录哈希（链）",
        "screenshot": "页面截图", "none": "无",
    },
    "en": {
        "title": "Daily digest",
        "subject": "[adwatch] {day}: {new} new suspect ({high} high), backlog {backlog}",
        "subject_faults": " · {faults} targets failing", "span": "{first} to {last}",
        "and_more": " and more, {count} in all", "failed": "Not crawled well: ",
        "config_count": "{count} configuration faults",
        "nothing": "Nothing new is suspect; {ok} of {all} targets were checked.",
        "new": "new suspect", "high": "of them high", "backlog": "to review", "faults": "targets failing",
        "yesterday": "{count} the day before", "checked": "{ok} of {all} targets checked",
        "score": "score", "why": "Why", "law": "May breach", "rate": "Return", "where": "Seen at",
        "contacts": "Contacts", "companies": "Subjects", "keywords": "Keywords", "evasion": "Evasion",
        "kinds": "Mostly: ", "worst": "Worst: ", "beside": "on the page “{title}”", "picture": "picture",
        "box": "on the picture at {boxes}", "page": "open page", "evidence": "evidence {seq}", "evidence_page": "evidence",
        "review": "review", "more_places": "{count} more", "same": "same text at {count} places",
        "folded": "nearly the same: findings {ids}", "reopened": "changed, shown again",
        "first_seen": "first seen", "last_seen": "last seen", "times": "{count} times",
        "rate_line": "stated “{quote}” → {pct} a year{assumption}{multiple}",
        "rate_unknown": "stated “{quote}” ({assumption})",
        "multiple": ", about {times} times the one-year LPR ({lpr}%, {date})",
        "hidden": "{count} more are in the attached sheet.",
        "brief_rest": "{count} more are in the mailed digest and on the review page.", "health": "Crawl health",
        "config": "Configuration faults", "target": "target", "state": "state", "detail": "detail",
        "pages": "pages", "all_ok": "All targets were crawled well.",
        "others_ok": "The other {count} targets were crawled well.",
        "footer": "Window {start} to {end} ({zone}) · runs {runs} · rulebook {rulebook}",
        "notice": "Judged by a program, as leads only; people decide.",
        "alert_notice": "Judged by a program, as leads only; people decide.",
        "level": "risk", "stance": "stance", "text": "text", "silenced": "not counted, context",
        "sheet_findings": "findings", "sheet_places": "places", "sheet_health": "targets",
        "id": "id", "finding_title": "title", "account": "account", "patterns": "patterns",
        "quote": "quote", "reasons": "reasons", "annual": "annual %", "stated": "stated rate",
        "places": "places", "times_col": "times", "url": "address", "status": "state",
        "evidence_col": "evidence", "sha": "SHA-256", "run": "run", "new_col": "new",
        "changed": "changed", "unchanged": "unchanged", "suspect": "suspect", "dropped": "dropped",
        "captured": "captured", "asked": "asked for", "final": "final address",
        "redirects": "redirects", "http": "HTTP status", "server": "server", "none": "none",
        "record_hash": "record hash (chain)", "screenshot": "screenshot",
    },
}  # fmt: skip

LEVELS = {
    "zh": {Level.HIGH: "高危", Level.MEDIUM: "中危", Level.LOW: "低危", Level.NONE: "无"},
    "en": {Level.HIGH: "HIGH", Level.MEDIUM: "MEDIUM", Level.LOW: "LOW", Level.NONE: "NONE"},
}
STATES = {
    "zh": {"new": "待复核", "reopened": "重新提示", "lifted": "规则更新后解除", "confirmed": "已确认", "dismissed": "已排除"},
    "en": {"new": "new", "reopened": "reopened", "lifted": "lifted", "confirmed": "confirmed", "dismissed": "dismissed"},
}  # fmt: skip
STANCES_ZH = {
    "promotion": "推介", "warning": "警示", "report": "报道", "court": "司法", "law": "法规",
    "education": "宣教", "licensed": "持牌", "commerce": "日常商业", "other": "其他",
}  # fmt: skip
EVASION_ZH = {
    "homophone": "谐音字", "pinyin": "拼音代字", "split_glyph": "拆字", "look_alike": "形近字",
    "inserted_symbol": "插入符号", "spaced": "拆分间隔", "zero_width": "零宽字符",
    "digits": "异形数字", "traditional": "夹杂繁体",
}  # fmt: skip
REASONS_ZH = {
    "empty": "空页面", "not_html": "不是网页", "offsite": "站外链接", "depth": "超出深度",
    "bad_url": "网址无效", "page_limit": "超出页数上限", "list_without_items": "列表无条目",
    "list_empty": "列表为空", "list_not_html": "列表不是网页", "feed_not_xml": "订阅源不是 XML",
    "timeout": "超时", "dns": "域名解析失败", "refused": "连接被拒绝", "connection": "连接中断",
    "robots": "robots.txt 禁止", "too_large": "页面过大",
    "file_locked": "文件已加密", "file_broken": "文件已损坏", "file_bomb": "压缩炸弹",
    "file_dtd": "文件含非法声明", "file_old_office": "旧版 Office 文件，请另存为新格式",
    "file_archive": "压缩包，请先解压",
    "file_by_program": "程序临时文件", "file_link": "链接文件", "file_special": "特殊文件",
    "file_growing": "文件仍在写入", "file_unreadable": "文件无法读取", "folder_unreadable": "文件夹无法读取", "header_flood": "响应头过大", "no_chromium": "缺少 Chromium",
    "reading_timeout": "解析超时", "reader_died": "解析失败", "reading_memory": "解析内存超限",
    "captcha": "验证码页面", "login": "登录页面", "reset": "连接被重置", "ignored": "已忽略",
    "api_empty": "接口无内容", "api_html": "接口返回网页", "api_not_json": "接口返回的不是 JSON",
    "api_too_large": "接口返回过大", "api_too_deep": "接口返回嵌套过深", "api_number": "接口数字过长",
    "api_refused": "接口返回错误码", "api_no_list": "接口中没有列表", "api_not_a_list": "接口列表类型不符",
    "api_entry_type": "条目类型不符", "api_entry_limit": "条目过多", "api_no_url": "条目缺地址",
    "api_no_id": "条目缺编号", "api_no_text": "条目缺正文", "api_field_type": "字段类型不符",
    "api_field_missing": "字段不存在", "api_no_next": "下一页无法读取",
    "search_same_results": "不同检索词结果相同", "lost": "运行丢失", "shutdown": "被中断",
    "closespider_timeout": "采集超时", "memusage_exceeded": "内存超限",
    "run_timeout": "采集超时", "interrupted": "被中断", "finished": "已完成",
}  # fmt: skip


def reason_words(reason: str, language: str) -> str:
    """A drop's reason in the reader's language; an unknown one stays as it is."""
    if language != "zh":
        return reason
    if reason.startswith("http_"):
        return f"HTTP {reason.removeprefix('http_')}"
    return REASONS_ZH.get(reason, reason)


def evasion_words(kinds: Iterable[str], language: str) -> str:
    """The ways in which a text hides its words, in the reader's language."""
    names = EVASION_ZH if language == "zh" else {}
    return ("、" if names else ", ").join(names.get(kind, kind) for kind in kinds)


def with_keyword(text: str, keyword: str | None) -> str:
    """The text with the word that a robot insists on, put before it where it lacks it."""
    return text if keyword is None or keyword in text else f"{keyword}\n{text}"
