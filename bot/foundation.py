"""What the flows stand on: one object for each noun of the rows, and what brings pages in."""

from dataclasses import dataclass

from bot.pipeline.exploited import ExploitedCves
from bot.pipeline.holds import Holds
from bot.pipeline.ingest import Kinds
from bot.pipeline.learn import Terms
from bot.pipeline.stories import StoryRows
from bot.pipeline.summarise import Summaries
from bot.ports import Cpu, Database, Fetcher, Leases, Search
from bot.stores import (
    Acks,
    Articles,
    Audit,
    Boilerplate,
    Channels,
    Deadlines,
    Mutes,
    Outbox,
    Persons,
    Saved,
    Shares,
    Sources,
    Subscriptions,
    Tokens,
    Trends,
    Votes,
    Withdrawals,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One object for each noun, on one database."""

    db: Database
    sources: Sources
    articles: Articles
    boilerplate: Boilerplate
    stories: StoryRows
    summaries: Summaries
    exploited: ExploitedCves
    channels: Channels
    subscriptions: Subscriptions
    mutes: Mutes
    withdrawals: Withdrawals
    outbox: Outbox
    acks: Acks
    votes: Votes
    saved: Saved
    shares: Shares
    tokens: Tokens
    persons: Persons
    deadlines: Deadlines
    trends: Trends
    audit: Audit
    holds: Holds
    leases: Leases
    search: Search
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What brings pages in and takes them apart."""

    fetcher: Fetcher
    cpu: Cpu
    kinds: Kinds
