"""What flows and commands ask of the rows; `storage/` has one file for each noun.

A method that takes `tx` belongs to the caller's transaction; the others read committed rows beside the writer.
"""

from bot.stores.archive import Articles, Boilerplate, Deadlines, Sources, Trends
from bot.stores.people import Ack, Acks, Alarm, Audit, Persons, Saved, Shares, Tally, Tokens, Votes
from bot.stores.telling import Channels, Mutes, Outbox, Owed, Subscriptions, Withdrawals

__all__ = [
    "Ack",
    "Acks",
    "Alarm",
    "Articles",
    "Audit",
    "Boilerplate",
    "Channels",
    "Deadlines",
    "Mutes",
    "Outbox",
    "Owed",
    "Persons",
    "Saved",
    "Shares",
    "Sources",
    "Subscriptions",
    "Tally",
    "Tokens",
    "Trends",
    "Votes",
    "Withdrawals",
]
