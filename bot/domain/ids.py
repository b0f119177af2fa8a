"""The numbers of rows, so that one noun's number is never taken for another's."""

from typing import NewType

SourceId = NewType("SourceId", int)
ArticleId = NewType("ArticleId", int)  # the number people see: #123
StoryId = NewType("StoryId", int)
PostId = NewType("PostId", int)
ChannelId = NewType("ChannelId", int)
RuleId = NewType("RuleId", int)
DeadlineId = NewType("DeadlineId", int)
HoldId = NewType("HoldId", int)
