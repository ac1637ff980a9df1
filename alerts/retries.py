"""What follows from a channel's answer: sent, tried again at a later moment, refused, given up."""

from datetime import datetime, timedelta
from random import Random

from alerts.marks import shown
from alerts.message import Message
from alerts.results import Result, Retry
from storage.leases import Lease, Leased, Mark
from storage.outbox import DeliveryState, MessageKind

FIRST_PAUSE_S = 15.0
LONGEST_PAUSE_S = 3_600.0
MAX_UNKNOWN_ANSWERS = 5
MIN_ATTEMPTS = 5
MAX_FAULTS = 5
# A quarter of an hour may pass unnoticed; then somebody should know, though it is still tried.
WARN_AFTER_ATTEMPTS = 5
_WORDS = {
    DeliveryState.REFUSED: "拒收",
    DeliveryState.DEAD: "多次发送未成功，已停止重试",
    DeliveryState.WAITING: "暂未送达，仍在自动重试",
}


def after(one: Leased, result: Result, now: datetime, chance: Random) -> Mark:
    """The mark for one delivery after its channel answered."""
    code, detail = result.code, result.detail
    if result.ok:
        return Mark(one.id, DeliveryState.SENT, code, detail)
    if result.retry is Retry.NEVER:
        return Mark(one.id, DeliveryState.REFUSED, code, detail)
    if result.retry is Retry.SOME and one.attempts >= MAX_UNKNOWN_ANSWERS:
        return Mark(one.id, DeliveryState.REFUSED, code, detail)
    due_at = now + pause(one.attempts, result.retry_after_s, chance)
    # What waited while no sender ran is still tried a few times before it is given up.
    if due_at > one.expires_at and one.attempts >= MIN_ATTEMPTS:
        return Mark(one.id, DeliveryState.DEAD, code, detail)
    return Mark(one.id, DeliveryState.WAITING, code, detail, due_at)


def pause(attempts: int, asked_s: float | None, chance: Random) -> timedelta:
    """Doubling from 15 s to an hour, the upper half by chance; never less than was asked for.

    Chance keeps many deliveries that failed together from coming back together.
    """
    full_s = min(FIRST_PAUSE_S * 2.0 ** min(max(attempts - 1, 0), 20), LONGEST_PAUSE_S)
    pause_s = full_s * chance.uniform(0.5, 1.0)
    if asked_s is not None and asked_s > pause_s:
        pause_s = asked_s * chance.uniform(1.0, 1.1)
    return timedelta(seconds=pause_s)


def delivery_fault(held: Lease, lost: Mark, now: datetime) -> Message:
    """What the operator hears of a channel that does not take what it is sent."""
    word = _WORDS[lost.state]
    subject = f"[adwatch] 通道 {held.channel} {word}"
    lines = (
        f"消息：{held.key}",
        f"对方答复：{lost.code} {shown(lost.detail)}",
        "消息仍保留在队列中，未丢失。",
        "查看：adwatch alerts status",
        "修复后重发：adwatch alerts retry --dead",
        "此通道恢复前不再重复提醒。",
    )
    return Message(
        key=f"delivery-fault-{held.channel}-{lost.state.value}-{now:%Y%m%dT%H%M%S%f}",
        kind=MessageKind.DELIVERY_FAULT.value,
        subject=subject,
        text="\n".join((subject, "", *lines)) + "\n",
        data={"channel": held.channel, "code": lost.code, "detail": lost.detail, "key": held.key},
    )


def delivery_mended(channel: str, now: datetime) -> Message:
    """What the operator hears when the trouble is over."""
    subject = f"[adwatch] 通道 {channel} 已恢复"
    return Message(
        key=f"delivery-mended-{channel}-{now:%Y%m%dT%H%M%S%f}",
        kind=MessageKind.DELIVERY_FAULT.value,
        subject=subject,
        text=f"{subject}\n\n一小时内没有新的失败。\n未送达的消息：adwatch alerts retry --dead\n",
        data={"channel": channel, "mended": True},
    )
