#!/bin/sh
# Finds Chromium, or installs Debian's where that is possible. Never fails: what needs a browser
# is skipped with a reason where there is none.
if [ -n "$ADWATCH_CHROMIUM" ] && [ -x "$ADWATCH_CHROMIUM" ]; then exit 0; fi
for name in chromium chromium-browser google-chrome google-chrome-stable chromium-headless-shell microsoft-edge; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "No Chromium found; installing Debian's package (with Chinese fonts) ..." >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk; } >/dev/null 2>&1 && exit 0
    echo "It could not be installed." >&2
fi
echo "No Chromium: pages that need a browser are skipped. To have them: apt-get install chromium fonts-noto-cjk" >&2
exit 0
