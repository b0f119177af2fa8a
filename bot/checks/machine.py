"""The machine it runs on: room on the disk, and the way out through a proxy."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bot.checks.finding import Finding, error, ok, warning
from bot.locale.say import Say

LEAST_MIB, SOON_MIB = 100, 1_024  # SQLite writes a change twice, and an upgrade copies the file
PROXY_ANSWERS = timedelta(seconds=5)
PORTS = {"http": 80, "https": 443}


def of_disk(folder: Path, say: Say) -> Finding:
    """`folder`: where the rows are, or will be."""
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(nearest).free // 2**20
    return of_free(free, str(nearest), say)


def of_free(mib: int, folder: str, say: Say) -> Finding:
    sentence = say("cli.doctor.disk", folder=folder, free=mib)
    if mib < LEAST_MIB:
        return error("disk", sentence, say("cli.doctor.disk_fix"))
    return warning("disk", sentence, say("cli.doctor.disk_fix")) if mib < SOON_MIB else ok("disk", sentence)


async def of_proxy(proxy: str, say: Say) -> Finding:
    """Only whether somebody is there: what it lets through, the platforms and the sources tell."""
    parts = urlsplit(proxy)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        async with asyncio.timeout(PROXY_ANSWERS.total_seconds()):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return error("proxy", say("cli.doctor.proxy_silent", address=f"{host}:{port}"), say("cli.doctor.proxy_fix"))
    writer.close()
    return ok("proxy", say("cli.doctor.proxy", address=f"{host}:{port}"))
