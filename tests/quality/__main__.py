"""`make quality`: how well the labelled texts are understood, as a table; exit 1 below a floor.

The others were there to develop with and give the weights (`make fit`), and `apart` was scored after each pass by
whoever wrote both words and texts: no set here is unseen. Under the table, how well alerts are told by the weights
there are, and by weights that did not see the story: where the two differ by more than 0.05, the texts are fitted.
Other sets of that format may be named, `make quality QUALITY=FILE.jsonl`; those are shown and held to no floor.
"""

import asyncio
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot import catalogue, wiring
from bot.errors import UserError
from bot.pipeline.analyse import Analyse
from bot.settings import read
from bot.text.understand import understand_all
from bot.text.weights import WEIGHTS
from tests.quality.fit import figures_of, own, told_across, told_by
from tests.quality.measures import Rows, faults, figures
from tests.quality.rows import APART, DEVELOPED, HERE, INPUTS, rows_of

LOWER_IS_BETTER = "false alarms"


async def answered(gold: Rows) -> Rows:
    """What `tocsin analyse` answers to these texts, of which it sees no label."""
    settings = read({})
    shown = [json.dumps({name: row[name] for name in INPUTS}).encode() for row in gold.values()]
    async with wiring.workers() as (cpu, count):
        flow = Analyse(
            cpu=cpu,
            understand=understand_all,
            listed=catalogue.read(settings.sources),
            zone=settings.zone,
            now=datetime.now(UTC),
            workers=count,
        )
        return {str(answer["id"]): answer async for answer in flow.read(shown, _refused, lambda rows, size: None)}


def _refused(number: int, error: UserError) -> None:
    raise SystemExit(f"line {number}: {error}")


def below(found: Mapping[str, float | None], floors: Mapping[str, float]) -> Sequence[str]:
    """The measures that are worse than their floor."""
    return [
        name
        for name, floor in floors.items()
        if (value := found[name]) is not None and (value > floor if name == LOWER_IS_BETTER else value < floor)
    ]


def table(columns: Mapping[str, Mapping[str, float | None]], floors: Mapping[str, float]) -> str:
    head = f"{'':<22}" + "".join(f"{name[:11]:>12}" for name in columns) + f"{'floor':>8}"
    lines = [head]
    for measure in next(iter(columns.values())):
        cells = ("-" if (value := found[measure]) is None else f"{value:.3f}" for found in columns.values())
        floor = f"{floors[measure]:.2f}" if measure in floors else ""
        lines.append(f"{measure:<22}" + "".join(f"{cell:>12}" for cell in cells) + f"{floor:>8}")
    return "\n".join(lines)


async def main(others: Sequence[str]) -> int:
    floors = tomllib.loads((HERE / "floors.toml").read_text("utf-8"))
    sets = {
        "developed": {name: row for file in DEVELOPED for name, row in rows_of(HERE / f"{file}.jsonl").items()},
        APART: rows_of(HERE / f"{APART}.jsonl"),
        **{Path(path).stem: rows_of(Path(path)) for path in others},
    }
    answers = {name: await answered(gold) for name, gold in sets.items()}
    columns = {name: figures(gold, answers[name]) for name, gold in sets.items()}
    print(table(columns, floors))
    samples = own()
    print(f"\nfitted          {figures_of(samples, told_by(WEIGHTS, samples))}")
    print(f"not seen        {figures_of(samples, told_across(samples))}")
    for name, gold in sets.items():
        for row in gold.values():
            for fault in faults(row, answers[name].get(row["id"], {})):
                print(f"{name} {row['id']}: summary: {fault}", file=sys.stderr)
    failed = [f"{name}: {measure}" for name in ("developed", APART) for measure in below(columns[name], floors)]
    for line in failed:
        print(f"below its floor: {line}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
