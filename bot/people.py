"""People in the rows: a keyed hash to find them again, a name encrypted only where it must be shown."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace

from cryptography.fernet import Fernet, InvalidToken

from bot.domain.command import Person
from bot.domain.share import Share
from bot.stores import Ack

NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class People:
    """`key` is the secret key of the installation; without it the rows name nobody."""

    key: bytes

    def hash(self, person: Person) -> str:
        text = f"person\x00{person.platform}\x00{person.id}"
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def seal(self, name: str) -> str:
        return self._cipher().encrypt(name[:NAME_LENGTH].encode("utf-8", "replace")).decode()

    def unseal(self, sealed: str) -> str:
        """Empty when it was erased, or sealed with another key."""
        try:
            return self._cipher().decrypt(sealed.encode()).decode() if sealed else ""
        except InvalidToken:
            return ""

    def named(self, ack: Ack | None) -> Ack | None:
        return None if ack is None else replace(ack, name=self.unseal(ack.name))

    def signed(self, share: Share | None) -> Share | None:
        return None if share is None else replace(share, name=self.unseal(share.name))

    def _cipher(self) -> Fernet:
        derived = hashlib.sha256(b"names\x00" + self.key).digest()
        return Fernet(base64.urlsafe_b64encode(derived))
