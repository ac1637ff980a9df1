"""What `adwatch init` writes."""

SETTINGS = """\
# adwatch.yml: the settings of this installation. Relative paths count from this folder.
# Check it with `adwatch check`; editors complete it with `adwatch config schema settings`.

# How a site's owner reaches you; it is sent in the user agent of every request. Please set it.
contact: mailto:adwatch@example.gov.cn

# SQLite file, or PostgreSQL: postgresql+psycopg://adwatch@localhost/adwatch
storage: sqlite:///adwatch.db

# Evidence files, write-once, under their SHA-256; keep this folder on a disk that is backed up.
evidence: evidence

# Where the daily digests are written.
digests: digests

# The zone of days and clock times, for schedules and for everything that is shown.
timezone: Asia/Shanghai

network:
  allow: []           # private networks that crawls may reach, such as [10.20.0.0/16]
  verify_tls: true    # refuse sites whose certificate does not verify
  max_crawls: 2       # crawls under way at once

schedule:
  every: 6h           # for targets that name no every: or cron:
  catchup: latest     # of the slots missed while the service was down: skip, latest, all
  # windows: [{start: "22:00", end: "06:00"}]    # crawls begin in these hours only
  digest: {at: "08:40", days: workdays, language: zh}

# calendar:           # corrections of the calendar of workdays, and years it does not know yet
#   off: [2027-01-01]
#   work: [2027-02-14]

alerts:
  channels: {}
  # Secrets stand in the environment or in a file, never here:
  # channels:
  #   office_mail:
  #     kind: smtp
  #     host: smtp.example.gov.cn
  #     port: 465
  #     security: ssl
  #     user: adwatch
  #     password: ${env:ADWATCH_SMTP_PASSWORD}
  #     sender: adwatch@example.gov.cn
  #     to: [reviewers@example.gov.cn]
  #   duty_group: {kind: wecom_robot, key: "${env:ADWATCH_WECOM_KEY}"}
  # Other kinds: wecom_app dingtalk_robot feishu_robot webhook file; see docs/operating.md.
  routes:
    digest: []        # channels that get the daily digest: [office_mail]
    at_once: []       # told as soon as found: [{level: high, channels: [duty_group]}]
    operator: []      # channels that hear when something is wrong with the service
  # quiet: {start: "22:00", end: "07:30"}    # what comes up meanwhile waits until they end
  burst: 10           # more findings a minute and channel become one summary
  # min_free_gib: 2   # the operator hears when a disk has less space free
  # stuck_after: 1h   # ... and when a message is overdue for so long
  # ping: {url: "https://watch.example.gov.cn/adwatch", every: 5m}    # asked while all is well

# http: {listen: "127.0.0.1:8500"}    # /healthz, /readyz and /metrics of `adwatch serve`
# logs: json                          # one JSON object a line

# jurisdiction:
#   office: 某某县处置非法集资办公室
#   places: [环翠区, 文登区]    # a target's labels.region must then be one of these
"""

EXAMPLE_TARGET = """\
# targets/example.yml: one file a target; the file's name is its id.
title: 某市生活论坛 投资板块
spider: listing               # article listing feed sitemap wechat ads api search files
start_urls: [https://forum.example.cn/invest]
enabled: false                # true once the address is a real one

# Left out, item links and the next page are found automatically.
# links: {css: "a.title", allow: "/thread-\\\\d+"}
# next: {css: "a.next", pages: 5}

browser: false                # true: rendered in Chromium, full-page screenshot
every: 6h                     # or cron: "30 2 * * sun" (days of the week as names)
limits: {pages: 500, depth: 2, delay_s: 1.0, concurrency: 2}

# What a healthy run yields; less is reported as a failure of the target.
expect: {min_pages: 5, max_age_days: 7, fill: {title: 0.95}}
labels: {medium: web, industry: 投资理财}
"""
