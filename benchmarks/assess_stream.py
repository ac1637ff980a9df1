"""`adwatch assess` over a long stream: memory against a short one, two processes against one.

Memory: the peak of the whole process tree, a long stream against one a fifth as long. Speed: wall
time of `--jobs 1` over `--jobs 2`, in turns. `--megabytes 1024` measures a gigabyte.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ADWATCH = Path(sys.executable).parent / "adwatch"
SEED = 20_260_102
WORDS = (  # noqa: SIM905 (legible as prose)
    "清浦县 今天 举办 读书会 欢迎 市民 参加 农贸市场 新鲜 蔬菜 价格 平稳 学校 通知 家长 周五 "
    "放学 时间 调整 医院 门诊 预约 挂号 公交 线路 绕行 停水 检修 社区 活动 报名 银行 网点 存款 "
    "利率 理财 产品 风险 提示 收益 项目 投资 平台 会员 积分 优惠 开业 招聘 工资 面议"
).split()
ADVERT = "一万元起投，月息两分，到期还本付息，名额有限，加微信 qingpu_8866 了解"
ADVERT_EVERY = 50


def write_stream(path: Path, megabytes: int) -> None:
    """JSONL of made-up everyday texts, one in fifty an advert."""
    dice = random.Random(SEED)
    written = number = 0
    with path.open("w", encoding="utf-8") as stream:
        while written < megabytes * 1_000_000:
            words = [dice.choice(WORDS) for _ in range(dice.randint(20, 400))]
            text = "，".join("".join(words[at : at + 5]) for at in range(0, len(words), 5)) + "。"
            if number % ADVERT_EVERY == 0:
                text += ADVERT
            line = json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n"
            stream.write(line)
            written += len(line.encode())
            number += 1


def peak_and_wall(path: Path, jobs: int) -> tuple[float, float]:
    """The highest memory of the process tree in MB (sampled), and the seconds it took."""
    started = time.monotonic()
    peak = 0.0
    with subprocess.Popen(
        [ADWATCH, "assess", path, "--jobs", str(jobs)], stdout=subprocess.DEVNULL
    ) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                tree = [watched, *watched.children(recursive=True)]
                peak = max(peak, sum(one.memory_info().rss for one in tree) / 1e6)
            except psutil.NoSuchProcess:
                continue
            time.sleep(0.05)
    assert process.returncode == 0, f"assess exited with {process.returncode}"
    return peak, time.monotonic() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        long, short = Path(folder) / "long.jsonl", Path(folder) / "short.jsonl"
        write_stream(long, options.megabytes)
        write_stream(short, max(options.megabytes // 5, 1))
        peaks, ratios = [], []
        for _ in range(options.rounds):
            long_peak, one = peak_and_wall(long, 1)
            _, two = peak_and_wall(long, 2)
            peaks.append(long_peak / peak_and_wall(short, 1)[0])
            ratios.append(one / two)
            print(
                f"{options.megabytes} MB: one process {one:.1f} s at {long_peak:.0f} MB, two {two:.1f} s"
            )
    figures = {
        "assess_memory_ratio": statistics.median(peaks),
        "assess_jobs_ratio": statistics.median(ratios),
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
