"""Rows of posts and deliveries as the values they are."""

import json

from bot.domain.delivery import Delivery, Post, PostKind, Prio, State
from bot.domain.ids import ChannelId, PostId
from bot.ports import Row
from bot.stores import Owed
from storage.channels import channel_of
from storage.columns import moment, moment_or_none


def owed_of(row: Row) -> Owed:
    return Owed(
        delivery=Delivery(
            post=PostId(row["post"]),
            channel=ChannelId(row["channel"]),
            lane=row["delivery_lane"],
            prio=Prio(row["delivery_prio"]),
            state=State(row["delivery_state"]),
            silent=bool(row["silent"]),
            due_at=moment_or_none(row["due_at"]),
            attempts=row["attempts"],
            doubts=row["doubts"],
            attempted_at=moment_or_none(row["attempted_at"]),
            message_ref=row["message_ref"],
            revision=row["wanted"],
            shown=row["shown"],
            reason=row["reason"],
            error=row["error"],
            sent_at=moment_or_none(row["sent_at"]),
        ),
        post=post_of(row, row["post"], row["post_prio"], row["post_revision"]),
        channel=channel_of(row),
    )


def post_of(row: Row, number: int, prio: int, revision: int) -> Post:
    return Post(
        id=PostId(number),
        key=row["post_key"],
        kind=PostKind(row["kind"]),
        prio=Prio(prio),
        payload=json.loads(row["payload"]),
        revision=revision,
        created_at=moment(row["created_at"]),
        expires_at=moment_or_none(row["expires_at"]),
    )


def held_of(row: Row) -> Delivery:
    """A held delivery, without its post; the row says besides whether it `wakes`."""
    return Delivery(
        post=PostId(row["post"]),
        channel=ChannelId(row["channel"]),
        lane=row["lane"],
        prio=Prio(row["prio"]),
        state=State(row["state"]),
        silent=bool(row["silent"]),
        due_at=moment_or_none(row["due_at"]),
        wakes=bool(row["wakes"]),
        revision=row["revision"],
    )
