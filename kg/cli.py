"""The command line ``opdkg``: what a person or a script calls. Messages go to stderr, results to stdout."""

from __future__ import annotations

import importlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from kg import __version__
from kg.errors import DataError, OpdkgError, UsageError
from kg.progress import progress, replaying
from kg.release import Home
from kg.settings import Settings, load_settings
from kg.vocab import Iris

if TYPE_CHECKING:
    from datetime import datetime

    from kg.changes import Changes
    from kg.release import Release
    from kg.upstream.report import Report

EXPORTS = ("nt", "nq", "trig", "ttl", "jsonld", "rdf", "csv", "bibtex", "ris", "csl")
CHANGES = ("table", "json", "patch")
FORMATS = ("table", "json", "xml", "csv", "tsv", "ttl", "nt", "jsonld")


@dataclass(frozen=True, slots=True)
class Context:
    """What every command gets: the settings and the home they name."""

    settings: Settings
    home: Home


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Read settings from this YAML file.")
@click.version_option(__version__, prog_name="opdkg")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """Build, check, query and serve the knowledge graph of on-policy distillation research."""
    settings = load_settings(config)
    context.obj = Context(settings, Home(settings.home))


@cli.command()
@click.option(
    "--source", "sources", multiple=True, metavar="PATH_OR_URL", help="A source file, a folder of them, or an address."
)
@click.option(
    "--with", "local", multiple=True, type=click.Path(path_type=Path), metavar="RDF_FILE", help="Add your own RDF."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about the release.")
@click.pass_obj
def build(context: Context, sources: tuple[str, ...], local: tuple[Path, ...], as_json: bool) -> None:  # noqa: FBT001
    """Build a release and publish it. Without --source: from the bundled snapshot of facts."""
    from kg.build import build as build_release
    from kg.inputs import read_bundled, read_sources
    from kg.local import read_local
    from kg.upstream.kept import Kept

    iris = Iris(context.settings.base_iri)
    with progress("build") as announce:
        announce("read")
        inputs = read_sources(sources) if sources else read_bundled()
        own = [quad for path in local for quad in read_local(path, iris)]
        with context.home.change():
            for data in inputs.originals:
                Kept.of(context.home).put(data)
            result = build_release(context.home, inputs, base_iri=iris.base, local=own, announce=announce)
    manifest = result.release.manifest()
    if as_json:
        click.echo(
            json.dumps({"path": str(result.release.path), "fresh": result.fresh, **manifest}, ensure_ascii=False)
        )
        return
    counts = manifest["counts"]
    state = "built and published" if result.fresh else "unchanged, published"
    click.echo(
        f"release {result.release.id} {state}: {counts['papers']} papers ({counts['current']} current), "
        f"{counts['triples']} triples, {counts['quarantined']} entries quarantined, {counts['warnings']} warnings"
    )
    click.echo(f"details: {result.release.path / 'report.json'}", err=True)


def _seconds(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text)
    if not found:
        raise click.BadParameter(f"{text!r} is no time such as 90s, 30m, 1h or 1d")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]


@cli.command()
@click.option("--once", is_flag=True, help="Sync once and end, as it does without --every.")
@click.option("--every", metavar="1h", callback=_seconds, help="Go on for ever, with so much between two syncs.")
@click.option("--from-git", "repository", metavar="REPO[#BRANCH]", help="With --each: a folder or an address.")
@click.option("--each", is_flag=True, help="Replay the repository's past commit by commit, so that the graph has it.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="With --each: only what happened from this day on.")
@click.option("--publish-each", is_flag=True, help="With --each: a release for each commit, not one at the end.")
@click.option(
    "--force", metavar="REASON", help="Publish though a source has shrunk; the reason is kept in the manifest."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each sync.")
@click.pass_obj
def sync(  # noqa: PLR0913 (an argument for each option)
    context: Context,
    *,
    once: bool,
    every: float | None,
    repository: str | None,
    each: bool,
    since: datetime | None,
    publish_each: bool,
    force: str | None,
    as_json: bool,
) -> None:
    """Fetch what OPDKG_UPSTREAM_URL names; build a release and publish it if there is something new.

    With --from-git and --each: replay the past of a repository, so that the graph tells what happened to each paper, and when.
    """
    from kg.upstream.daemon import repeat
    from kg.upstream.replay import Asked, read_repository, replay
    from kg.upstream.sync import sync as sync_once

    if every and (once or force or each):
        raise UsageError("--every goes with none of --once, --force and --each")
    if each != bool(repository) or ((since or publish_each) and not each):
        raise UsageError("--from-git and --each go together, and --since and --publish-each with them alone")

    def tell(report: Report, **more: object) -> None:
        for slip in report.passed_over:
            click.echo(f"passed over: {slip}", err=True)
        if as_json:
            click.echo(json.dumps({**report.as_json(), **more}, ensure_ascii=False))
        else:
            click.echo("".join([report.as_text(), *(f", {name} {value}" for name, value in more.items())]))

    def run() -> Report:
        if repository:
            asked = Asked(since and since.date(), publish_each, force)
            with replaying() as telling:
                return replay(context.home, context.settings, read_repository(repository), asked, telling)
        with progress("sync") as announce:
            return sync_once(context.home, context.settings, force=force, announce=announce)

    if every:
        repeat(run, tell, every)
        return
    report = run()
    tell(report)
    sys.exit(report.exit_code)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option("--json", "as_json", is_flag=True, help="Log a JSON object for each event.")
@click.pass_obj
def serve(context: Context, host: str, port: int, workers: int, as_json: bool) -> None:  # noqa: FBT001
    """Serve the current release over HTTP until interrupted."""
    context.home.current()
    importlib.import_module("server.serve").serve(
        context.settings, host=host, port=port, workers=workers, as_json=as_json
    )


@cli.command()
@click.option(
    "--papers",
    type=click.IntRange(1),
    metavar="N",
    help="Measure N made-up papers instead; more than 20,000 as pages alone, kept in OPDKG_HOME/bench.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def bench(context: Context, papers: int | None, as_json: bool) -> None:  # noqa: FBT001
    """Measure pages of papers, and the server beside native Oxigraph and rdflib-endpoint on the same data."""
    with progress("bench") as announce:
        report = importlib.import_module("server.benchmark.run").bench(context.settings, papers, announce)
    click.echo(json.dumps(report.as_json(), ensure_ascii=False) if as_json else report.as_text())


@cli.command()
@click.argument("names", nargs=-1, metavar="[RELEASE | FILE…]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def check(context: Context, names: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001
    """Check a release again (default: the current one), or source files before they go into one.

    Of a release: SHACL, SKOS, and what its report says of the data. Of files, among them a curator's YAML: every entry that
    cannot be read or looks odd, with its line and what to do.
    """
    if not names or (len(names) == 1 and context.home.find(names[0])):
        _check_release(context.home.get(names[0]) if names else context.home.current(), as_json=as_json)
    else:
        _check_files(names, Iris(context.settings.base_iri), as_json=as_json)


def _check_files(names: tuple[str, ...], iris: Iris, *, as_json: bool) -> None:
    from kg.source_check import check_sources

    missing = next((name for name in names if "://" not in name and not Path(name).exists()), None)
    if missing is not None:
        raise UsageError(f"{missing!r} is neither a release (see 'opdkg releases') nor a file or folder")
    with progress("check"):
        verdict = check_sources(names, iris)
    click.echo(json.dumps(verdict.record(), ensure_ascii=False) if as_json else "\n".join(verdict.lines(names)))
    if not verdict.is_clean:
        sys.exit(DataError.exit_code)


def _check_release(found: Release, *, as_json: bool) -> None:
    from pyoxigraph import Store

    from kg.build import own_triples
    from kg.checks import check as find_violations

    iris = Iris(found.manifest()["base_iri"])
    violations = find_violations(own_triples(Store.read_only(str(found.store)), iris), iris)
    report = found.report()
    if as_json:
        lines = [str(violation) for violation in violations]
        click.echo(
            json.dumps({"release": found.id, "violations": lines, "problems": report["problems"]}, ensure_ascii=False)
        )
    else:
        for violation in violations:
            click.echo(f"violation: {violation}")
        for problem in report["problems"]:
            where = problem["file"] + (f":{problem['line']}" if problem["line"] else "")
            click.echo(
                f"{problem['severity']}: {where}: {problem['field']}: {problem['reason']} [{problem['excerpt']}]"
            )
        click.echo(
            f"release {found.id}: {len(violations)} violations, {len(report['problems'])} problems in the sources"
        )
    if violations:
        sys.exit(DataError.exit_code)


@cli.command()
@click.argument("query")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
@click.pass_obj
def query(context: Context, query: str, format_: str) -> None:
    """Run a SPARQL query on the current release: the NAME of a competency question, a FILE, or - for standard input."""
    from kg.ask import ask

    release = context.home.current()
    iris = Iris(release.manifest()["base_iri"])
    text = sys.stdin.read() if query == "-" else _query_text(query, iris)
    answer = ask(release, iris, text, format_)
    if isinstance(answer, bytes):
        sys.stdout.buffer.write(answer)
        return
    table = Table(*(Column(name, overflow="fold") for name in answer.columns))  # a narrow screen cuts nothing
    for row in answer.rows:
        table.add_row(*map(escape, row))
    Console().print(table)


def _query_text(name: str, iris: Iris) -> str:
    from kg.questions import find_question

    question = find_question(name, iris.base)
    if question:
        return question.text
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{name!r} is neither the name of a question (see /queries) nor a file that can be read: {error}"
        raise UsageError(msg) from None


@cli.command()
@click.option("--format", "format_", type=click.Choice(EXPORTS), default="ttl", show_default=True)
@click.option(
    "--facet",
    "facets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only papers that have it; KEY=-VALUE: lack it.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file and not to stdout."
)
@click.pass_obj
def export(context: Context, format_: str, facets: tuple[str, ...], output: Path | None) -> None:
    """Write the current release, or the papers that the facets leave, in a format."""
    from kg.export import export as export_papers
    from kg.library import Library

    data = export_papers(Library.open(context.home.current()), format_, facets)
    if output is None:
        sys.stdout.buffer.write(data)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        msg = f"{output}: cannot be written: {error.strerror or error}"
        raise UsageError(msg) from None


@cli.group(invoke_without_command=True)
@click.pass_context
def releases(context: click.Context) -> None:
    """List the releases, or show, compare, roll back to, prune them."""
    if context.invoked_subcommand is None:
        context.invoke(list_releases)


@releases.command("list")
@click.pass_obj
def list_releases(context: Context) -> None:
    """List the releases; the current one is marked. Exit 1 if one cannot be read: the others are listed all the same."""
    current = context.home.current_or_none()
    unreadable = []
    for release in context.home.all():
        mark = "*" if release == current else " "
        try:
            counts = release.manifest()["counts"]
            click.echo(f"{mark} {release.id}  {counts['papers']} papers, {counts['triples']} triples")
        except DataError as error:
            click.echo(f"{mark} {release.id}  damaged")
            unreadable.append(error)
    if unreadable:
        raise DataError("\n".join(map(str, unreadable)))


@releases.command()
@click.argument("release")
@click.pass_obj
def show(context: Context, release: str) -> None:
    """Print a release's manifest."""
    click.echo(json.dumps(context.home.get(release).manifest(), indent=2, ensure_ascii=False))


@releases.command("check")
@click.argument("release", required=False)
@click.pass_obj
def check_release(context: Context, release: str | None) -> None:
    """Compare every file of a release (default: the current one) with its manifest; exit 1 if one is damaged."""
    from kg.integrity import damages

    found = context.home.get(release) if release else context.home.current()
    lines = damages(found)
    for line in lines:
        click.echo(f"damaged: {line}")
    click.echo(f"release {found.id}: {f'{len(lines)} files are not what was built' if lines else 'whole'}")
    if lines:
        sys.exit(DataError.exit_code)


@releases.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--format", "format_", type=click.Choice(CHANGES), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: the same as --format json.")
@click.pass_obj
def diff(context: Context, before: str, after: str, format_: str, as_json: bool) -> None:  # noqa: FBT001
    """Tell what leads from release A to release B: the papers that changed, or every quad as an RDF Patch."""
    from kg.changes import compare
    from kg.patch import rdf_patch

    old, new = context.home.get(before), context.home.get(after)
    if as_json or format_ == "json":
        click.echo(json.dumps(compare(old, new).record(), ensure_ascii=False))
    elif format_ == "patch":
        sys.stdout.buffer.writelines(rdf_patch(old, new))
    else:
        _print_changes(compare(old, new))


def _print_changes(changes: Changes) -> None:
    table = Table(*(Column(name, overflow="fold") for name in ("paper", "change", "before", "after")))
    for paper in changes.papers:
        for change in paper.changes:
            values = ("\n".join(value.label for value in side) for side in (change.before, change.after))
            row = (f"{paper.id} {paper.title}", change.facet or change.kind.value, *values)
            table.add_row(*map(escape, row))
    if changes.papers:
        Console().print(table)
    told = ", ".join(f"{count} {kind.value}" for kind, count in changes.counts.items() if count)
    click.echo(f"from {changes.before.id} to {changes.after.id}: {told or 'no paper changed'}")


@releases.command()
@click.argument("release")
@click.pass_obj
def rollback(context: Context, release: str) -> None:
    """Make an older release the current one."""
    with context.home.change():
        context.home.publish(context.home.get(release))
    click.echo(f"release {release} is current")


@releases.command()
@click.option("--keep", required=True, type=click.IntRange(1), help="How many of the newest to keep.")
@click.pass_obj
def prune(context: Context, keep: int) -> None:
    """Remove old releases, never the current one nor one that a server uses."""
    with context.home.change():
        removed = context.home.prune(keep)
    click.echo(f"removed {', '.join(removed) or 'nothing'}")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; what a person can cause ends in one line on stderr and the error's exit code."""
    try:
        cli(args=arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except click.Abort:
        sys.exit(130)
    except OpdkgError as error:
        click.echo(f"opdkg: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:  # a full disk, a folder that cannot be written
        click.echo(f"opdkg: {error}", err=True)
        sys.exit(DataError.exit_code)
