"""What a button means, signed: it survives a restart, and nobody can write one of their own.

`<verb>:<reference>:<mac>`; the mac binds both to one chat, so a press copied to another chat means nothing there.
"""

import hashlib
import hmac
import re

MAC_CHARACTERS = 16  # 64 bits: a forger must ask the platform 2^63 times
SHAPE = re.compile(r"([a-z]{1,12}):([A-Za-z0-9._-]{1,24}):([0-9a-f]{16})")


def sign(key: bytes, verb: str, reference: str, chat: str) -> str:
    """At most 54 characters of ASCII; Telegram takes 64 bytes, Discord 100 characters."""
    return f"{verb}:{reference}:{_mac(key, verb, reference, chat)}"


def read(key: bytes, data: str, chat: str) -> tuple[str, str] | None:
    """(verb, reference), or None for whatever we did not write for this chat."""
    if (shape := SHAPE.fullmatch(data)) is None:
        return None
    verb, reference, mac = shape.groups()
    return (verb, reference) if hmac.compare_digest(mac, _mac(key, verb, reference, chat)) else None


def _mac(key: bytes, verb: str, reference: str, chat: str) -> str:
    text = "\x00".join(("press", verb, reference, chat))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:MAC_CHARACTERS]
