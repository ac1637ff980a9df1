"""Check digits and checksums of the numbers that adverts carry."""

import hashlib

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_SUMS = (1, 0x2BC830A3)  # bech32 (BIP 173) and bech32m (BIP 350)


def is_uscc(code: str) -> bool:
    """统一社会信用代码, GB 32100-2015: mod 31 over all, GB 11714 mod 11 over the body code."""
    code = code.upper()
    if len(code) != 18 or any(char not in _USCC for char in code):  # noqa: PLR2004
        return False
    total = sum(
        _USCC.index(char) * weight for char, weight in zip(code, _USCC_WEIGHTS, strict=False)
    )
    if _USCC[(31 - total % 31) % 31] != code[17]:
        return False
    body = sum(
        int(char, 36) * weight for char, weight in zip(code[8:16], _BODY_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - body % 11] == code[16]


def is_id_card(number: str) -> bool:
    """居民身份证, GB 11643-1999: ISO 7064 mod 11-2."""
    number = number.upper()
    if len(number) != 18 or not number[:17].isdigit():  # noqa: PLR2004
        return False
    total = sum(int(char) * weight for char, weight in zip(number, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17]


def is_luhn(number: str) -> bool:
    """Bank cards, ISO/IEC 7812: the Luhn sum."""
    total = 0
    for place, char in enumerate(reversed(number)):
        value = int(char) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004
    return total % 10 == 0


def is_base58check(address: str, versions: tuple[int, ...]) -> bool:
    """TRC20 (version 0x41) and legacy Bitcoin (0x00, 0x05): double SHA-256 over the payload."""
    number = 0
    for char in address:
        place = _BASE58.find(char)
        if place < 0:
            return False
        number = number * 58 + place
    size = 25
    try:
        data = number.to_bytes(size)
    except OverflowError:
        return False
    check = hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4]
    return data[0] in versions and data[-4:] == check


def is_bech32(address: str) -> bool:
    """Bitcoin addresses that begin with bc1, BIP 173 and BIP 350."""
    address = address.lower()
    prefix, _, rest = address.rpartition("1")
    if prefix != "bc" or any(char not in _BECH32 for char in rest):
        return False
    values = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    values += [_BECH32.index(char) for char in rest]
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            total ^= generator if top >> bit & 1 else 0
    return total in _BECH32_SUMS


_ROUNDS = 24
_LANES = 5
_RATE_BYTES = 136
_MASK = (1 << 64) - 1


def is_eip55(address: str) -> bool | None:
    """Ethereum addresses, EIP-55: the case of each letter follows Keccak-256; None without case."""
    digits = address[2:]
    if digits in {digits.lower(), digits.upper()}:
        return None
    digest = keccak256(digits.lower().encode()).hex()
    return all(
        char.isdigit() or char.isupper() == (int(nibble, 16) > 7)  # noqa: PLR2004 (half of 16)
        for char, nibble in zip(digits, digest, strict=False)
    )


def keccak256(data: bytes) -> bytes:
    """The Keccak-256 of Ethereum, which pads otherwise than SHA3-256; for short input alone."""
    padded = data + b"\x01" + b"\0" * (_RATE_BYTES - len(data) - 2) + b"\x80"
    lanes = [[0] * _LANES for _ in range(_LANES)]
    for at in range(_RATE_BYTES // 8):
        lanes[at % _LANES][at // _LANES] = int.from_bytes(padded[8 * at : 8 * at + 8], "little")
    register = 1
    for _ in range(_ROUNDS):
        lanes = _mixed(lanes)
        for power in range(7):
            register = ((register << 1) ^ ((register >> 7) * 0x71)) & 0xFF
            if register & 2:
                lanes[0][0] ^= 1 << ((1 << power) - 1)
    return b"".join(lanes[at][0].to_bytes(8, "little") for at in range(4))


def _mixed(lanes: list[list[int]]) -> list[list[int]]:
    """The steps theta, rho, pi and chi of one round."""
    sides = range(_LANES)
    parity = [lane[0] ^ lane[1] ^ lane[2] ^ lane[3] ^ lane[4] for lane in lanes]
    for x in sides:
        flow = parity[(x - 1) % _LANES] ^ _turned(parity[(x + 1) % _LANES], 1)
        lanes[x] = [lane ^ flow for lane in lanes[x]]
    x, y, current = 1, 0, lanes[1][0]
    for step in range(_ROUNDS):
        x, y = y, (2 * x + 3 * y) % _LANES
        current, lanes[x][y] = lanes[x][y], _turned(current, (step + 1) * (step + 2) // 2)
    for y in sides:
        row = [lanes[x][y] for x in sides]
        for x in sides:
            lanes[x][y] = row[x] ^ (~row[(x + 1) % _LANES] & _MASK & row[(x + 2) % _LANES])
    return lanes


def _turned(lane: int, by: int) -> int:
    by %= 64
    return ((lane << by) | (lane >> (64 - by))) & _MASK if by else lane
