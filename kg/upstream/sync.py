"""One sync: look, decide, and build a release if upstream has something new. Whatever happens, what serves goes on serving.

Nothing counts until the release is published: a sync that is killed anywhere before is done again by the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.errors import DataError, RefusedError, UsageError
from kg.fetch import PATIENCE, Patience
from kg.inputs import Inputs, distinct, read_bundled
from kg.records import Problem, Severity
from kg.sources import read_source
from kg.upstream.base import build_upon, dated_inputs, is_outdated, read_inputs
from kg.upstream.guard import Objections
from kg.upstream.kept import Kept
from kg.upstream.places import look
from kg.upstream.report import Ended, Outcome, Report, reported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.release import Home
    from kg.settings import Settings
    from kg.upstream.address import Address
    from kg.upstream.places import Fetched

FOLLOWED = "followed"


def sync(
    home: Home,
    settings: Settings,
    *,
    force: str | None = None,
    announce: Callable[[str], None] = lambda _: None,
    patience: Patience = PATIENCE,
) -> Report:
    """Sync once and note how it ended. Waits while another process changes the home. Without an address: UsageError."""
    if not settings.upstream_url:
        raise UsageError("there is nothing to follow: set OPDKG_UPSTREAM_URL to where upstream is")

    def work() -> Ended:
        attempt = _Sync(home, settings, force, announce, patience)
        outcome = attempt.run()
        return Ended(outcome, attempt.objections.shrunk, force if attempt.objections.shrunk else None)

    return reported(home, work)


class _Sync:
    def __init__(
        self, home: Home, settings: Settings, force: str | None, announce: Callable[[str], None], patience: Patience
    ) -> None:
        self._home = home
        self._settings = settings
        self._force = force
        self._announce = announce
        self._patience = patience
        self._kept = Kept.of(home)
        self._followed = self._kept.read(FOLLOWED)
        #: The SHA-256 of what was found the last time at each place: the release may have it from elsewhere.
        self._noted = {
            key: sha256 for noted in self._followed.values() for key, sha256 in noted.get("keys", {}).items()
        }
        self._current = home.current_or_none()
        self._before = dated_inputs(self._current) if self._current else []
        self._problems: list[Problem] = []
        self.objections = Objections()

    def run(self) -> Outcome:
        self._announce("fetch")
        self._kept.tidy(_wanted(self._home, self._followed))
        found: list[Fetched] = []
        followed: dict[str, Any] = {}
        hosts = {address.host for address in self._settings.upstream_url if address.host}
        for address in self._settings.upstream_url:
            files, noted = self._look(address, hosts)
            found += files
            followed[address.digest] = noted
        new = [file for file in found if not self._is_known(file)]
        outcome = Outcome.UNCHANGED
        if new or self.objections.wrong or self.objections.shrunk or is_outdated(self._current, self._settings):
            outcome = self._publish(new)
        self._kept.write(FOLLOWED, followed)
        return outcome

    def _look(self, address: Address, hosts: Iterable[str]) -> tuple[list[Fetched], dict[str, Any]]:
        """Return the sources at a place, and what to note about it."""
        before = self._followed.get(address.digest, {})
        place = look(address, self._kept, before, set(hosts), self._patience)
        gone = set(before.get("keys", {})) - {file.key for file in place.files}
        for key in sorted(gone):
            self.objections.miss(key)
        sources = [file for file in place.files if self._is_source(file, before.get("keys", {}))]
        if not sources:
            self.objections.wrong.append(f"{address}: holds no source")
        noted: dict[str, Any] = {"keys": {file.key: file.sha256 for file in sources}, **place.validators}
        if place.validators and sources:
            noted["sha256"] = self._kept.put(sources[0].data)
        return sources, noted

    def _is_source(self, file: Fetched, keys: Iterable[str]) -> bool:
        """Tell whether the file is one of the four kinds; what is named, or was one before, has to be."""
        try:
            read = read_source(file.data, file.key, address=file.address, day=file.day)
        except DataError as error:
            if file.named or file.key in keys:
                self.objections.wrong.append(str(error))
            else:
                self._problems.append(Problem(file.name, None, "", f"passed over: {error}", Severity.WARNING))
            return False
        if not self._is_known(file):
            self.objections.judge(read, file.key, self._predecessor(file, str(read.snapshot.kind), read.snapshot.day))
        return True

    def _earlier(self, file: Fetched) -> list[dict[str, Any]]:
        """Return the inputs of the current release from the same place, the oldest first."""
        noted = self._noted.get(file.key)
        same = [
            each
            for each in self._before
            if file.key == (each["address"] or each["file"]) or (noted and noted == each["sha256"])
        ]
        return sorted(same, key=lambda each: str(each["day"]))

    def _predecessor(self, file: Fetched, kind: str, day: object) -> dict[str, Any] | None:
        """Return what the file is to be compared with: what was there before, else the newest of its kind that is no newer."""
        same = self._earlier(file)
        if same:
            return same[-1]
        others = [each for each in self._before if each["kind"] == kind]
        newest = max(others, key=lambda each: each["day"], default=None)
        return newest if newest and str(day) >= newest["day"] else None

    def _is_known(self, file: Fetched) -> bool:
        """Tell whether the current release has this as the newest from there."""
        same = self._earlier(file)
        if same:
            return bool(same[-1]["sha256"] == file.sha256)
        return any(each["sha256"] == file.sha256 for each in self._before)

    def _publish(self, new: list[Fetched]) -> Outcome:
        if self.objections.wrong:
            raise RefusedError(self.objections.wrong + self.objections.shrunk)
        inputs = self._inputs(new)
        if self._current:
            self.objections.count(inputs.sources, self._current.manifest()["counts"]["current"])
        if self.objections.shrunk and not self._force:
            raise RefusedError(self.objections.shrunk)
        forced = self._force if self.objections.shrunk else None
        return build_upon(self._home, self._settings, inputs, announce=self._announce, forced=forced)

    def _inputs(self, new: list[Fetched]) -> Inputs:
        """Return what the release is made of: what is new, and all that the current one was made of but what that replaces.

        What was found at the same place for the same or a later day gives way: upstream has taken it back.
        """
        fresh = Inputs(problems=self._problems)
        gone: set[str] = set()
        for file in new:
            source = fresh.add(file.data, file.name, address=file.address, day=file.day)
            day = source.snapshot.day
            gone |= {each["slug"] for each in self._earlier(file) if each["day"] >= str(day)}
        stay = [each for each in self._before if each["slug"] not in gone]
        base = read_inputs(stay, self._kept) if self._current else read_bundled()
        sources = distinct([*base.sources, *fresh.sources])
        return Inputs(sources, fresh.problems, [*base.originals, *fresh.originals])


def _wanted(home: Home, followed: dict[str, Any]) -> set[str]:
    """Return the SHA-256 of all that a release was made of, and of what a server is asked about."""
    wanted = {str(noted.get("sha256")) for noted in followed.values()}
    for release in home.all():
        try:
            wanted |= {each["sha256"] for each in release.manifest()["inputs"]}
        except DataError:
            continue
    return wanted
