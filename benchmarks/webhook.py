"""How many signed webhooks are accepted and committed, beside a bare view with the same insert in the same run."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator

from benchmarks import load, pgbench
from benchmarks.installation import Installation, installation, until
from benchmarks.report import Figure, Options, best_of, percentile, say
from tests.support.ports import free_port

CLIENTS = 16
MOST_RATE, SHARE = 200, 5  # requests a second: a fifth of what the product took, as long as that is not more
P99_MILLISECONDS = 250
USUAL = (15, 1.0, 5.0)  # loads of each kind in a round, seconds of each, seconds at a given rate
QUICK = (5, 0.4, 2.0)
OPENED = ("product", "bare insert")
NAME = "webhook"
Maker = Callable[[], str]


def measure(options: Options) -> Iterator[Figure]:
    """The product, the bare insert and the bare view, one after the other in each round; workers do not run."""
    loads, seconds, open_seconds = QUICK if options.quick else USUAL
    with installation(servers=True, with_simulator=False) as desk:
        makers, ports = _targets(desk)
        cpu: dict[str, list[float]] = {name: [] for name in makers}
        closed: dict[str, list[load.Result]] = {name: [] for name in makers}
        opened: dict[str, list[load.Result]] = {name: [] for name in OPENED}
        rate = 0.0
        for name in makers:  # imports, connections, caches
            _closed(ports[name], makers[name], 1.0)
        for number in range(options.rounds):
            say(f"webhook: round {number + 1} of {options.rounds}")
            for _ in range(loads):  # in turn, so that all have the machine's good and bad moments
                for name, make in makers.items():
                    process = "web" if name == "product" else "bare"
                    before = desk.cpu_seconds(process)
                    closed[name].append(_closed(ports[name], make, seconds))
                    used = desk.cpu_seconds(process) - before
                    cpu[name].append(1000 * used / len(closed[name][-1].latencies))
            rate = rate or _rate(closed["product"])
            for name in OPENED:
                opened[name].append(_open(ports[name], makers[name], open_seconds, rate))
        yield from _closed_figures(closed, cpu)
        yield from _open_figures(opened, rate, options)
        yield from _bare_database(desk, makers["product"](), options.rounds, open_seconds / 2)


def _bare_database(desk: Installation, request: str, rounds: int, seconds: float) -> Iterator[Figure]:
    binary = pgbench.program()
    if binary is None:
        say("webhook: no pgbench on the PATH, in /usr/lib/postgresql or in the wheel: left out")
        return
    body = request.partition("\r\n\r\n")[2].encode()
    url = desk.environment["DATABASE_URL"]
    runs = [pgbench.run(binary, database_url=url, body=body, clients=CLIENTS, seconds=seconds) for _ in range(rounds)]
    best = max(runs, key=lambda run: run.per_second)
    yield Figure(
        bench=NAME,
        name=f"pgbench, the same INSERT, {CLIENTS} clients",
        unit="inserts/s",
        note=f"no Python, no HTTP; mean {best.milliseconds:.1f} ms",
        **best_of([run.per_second for run in runs]),
    )


def _targets(desk: Installation) -> tuple[dict[str, Maker], dict[str, int]]:
    """Start the servers; for each what makes its next request, and its port."""
    bare = free_port()
    desk.start("web")
    settings = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.bare.settings",
        "METRICS_DIR": str(desk.folder / "bare-metrics"),
    }
    desk.start("bare", port=bare, **settings)
    desk.wait_until_ready(workers=False)
    numbers = itertools.count(1)

    def product() -> str:
        number = next(numbers)
        return desk.message(
            person=f"1555{number % 5000:07d}", message_id=f"BENCH{number:015d}", text="What are your opening hours?"
        )

    sample = product()
    body = sample.partition("\r\n\r\n")[2].encode()
    insert, nothing = (load.request(path=path, body=body) for path in ("/insert/1", "/nothing"))
    makers: dict[str, Maker] = {"product": product, "bare insert": lambda: insert, "bare view": lambda: nothing}
    until(lambda: _answers(bare, nothing))
    return makers, {"product": desk.port, "bare insert": bare, "bare view": bare}


def _answers(port: int, request: str) -> bool:
    try:
        return not load.run(load.Plan(port=port, requests=[request], connections=1)).failures
    except RuntimeError:
        return False


def _closed(port: int, make: Maker, seconds: float) -> load.Result:
    requests = [make() for _ in range(int(seconds * 2500))]
    return _checked(load.run(load.Plan(port=port, requests=requests, connections=CLIENTS, seconds=seconds)))


def _rate(made: list[load.Result]) -> float:
    return float(min(MOST_RATE, round(statistics.median(result.per_second for result in made) / SHARE)))


def _open(port: int, make: Maker, seconds: float, rate: float) -> load.Result:
    requests = [make() for _ in range(int(seconds * rate))]
    return _checked(load.run(load.Plan(port=port, requests=requests, connections=CLIENTS, rate=rate)))


def _checked(result: load.Result) -> load.Result:
    if result.failures:
        raise RuntimeError(f"not every webhook was accepted: {result.statuses}")
    return result


def _median_ratio(cpu: dict[str, list[float]]) -> float:
    """What a request costs the bare insert, in hundredths of what it costs the product."""
    return 100 * statistics.median(cpu["bare insert"]) / statistics.median(cpu["product"])


def _closed_figures(closed: dict[str, list[load.Result]], cpu: dict[str, list[float]]) -> Iterator[Figure]:
    for name, results in closed.items():
        best = max(results, key=lambda result: result.per_second)
        p50, p95, p99 = (percentile(best.latencies, percent) for percent in (50, 95, 99))
        used = statistics.median(cpu[name])
        yield Figure(
            bench=NAME,
            name=f"{name}, {CLIENTS} clients",
            unit="requests/s",
            note=f"best: p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms; CPU {used:.2f} ms per request",
            **best_of([result.per_second for result in results]),
        )
    pairs = zip(closed["product"], closed["bare insert"], strict=True)
    ratios = [round(100 * ours.per_second / bare.per_second, 1) for ours, bare in pairs]
    yield Figure(
        bench=NAME,
        name="product / bare insert",
        value=round(statistics.median(ratios), 1),
        unit="%",
        at_least=60,
        runs=tuple(ratios),
        note=f"the median of pairs of loads, in turn; CPU per request {_median_ratio(cpu):.0f} %",
    )


def _open_figures(opened: dict[str, list[load.Result]], rate: float, options: Options) -> Iterator[Figure]:
    for name, results in opened.items():
        best = min(results, key=lambda result: percentile(result.latencies, 99))
        p50, p95 = (percentile(best.latencies, percent) for percent in (50, 95))
        yield Figure(
            bench=NAME,
            name=f"{name}, p99 at {rate:g}/s",
            unit="ms",
            at_most=options.bound(P99_MILLISECONDS) if name == "product" else None,
            note=f"open loop; best run: p50 {p50:.1f}, p95 {p95:.1f} ms",
            **best_of([percentile(result.latencies, 99) for result in results], smallest=True),
        )
