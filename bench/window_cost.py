#!/usr/bin/env python3
"""How the cost of an event grows with the events in its window.

Runs correlate_bench's ByWindow and ByMemory a few rounds and takes the least processor time of
each row, because on a busy machine noise only adds. Prints a table in Markdown, and with --svg
draws the costs over the logarithm of the window's size. Needs Python 3.9 and nothing else.

    python3 bench/window_cost.py build/bench/bench/correlate_bench --svg window_cost.svg

Exits 1 if between the smallest and the largest window the cost of a type grows faster than the
logarithm of the size.
"""

import argparse
import json
import math
import subprocess
import sys

COLOURS = ("#1b6ca8", "#d1495b", "#2e933c", "#edae49", "#66468f", "#00798c", "#8d6b3f", "#444444")


def run(program, rounds, seconds):
    """{(benchmark, type): {events: nanoseconds per event}}, and events per second of the rest."""
    costs = {}
    for _ in range(rounds):
        command = [program, "--benchmark_filter=ByWindow|ByMemory", "--benchmark_format=json",
                   f"--benchmark_min_time={seconds}"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for row in json.loads(output)["benchmarks"]:
            benchmark, kind, events = row["name"].split("/")
            nanoseconds = 1e9 / row["items_per_second"]
            series = costs.setdefault((benchmark, kind), {})
            series[int(events)] = min(nanoseconds, series.get(int(events), math.inf))
    return costs


def growth(series):
    """Cost of the largest window by that of the smallest, and the same of their logarithms."""
    low, high = min(series), max(series)
    return series[high] / series[low], math.log(high) / math.log(low)


def table(costs):
    sizes = sorted({size for series in costs.values() for size in series})
    lines = ["| ns per event | " + " | ".join(f"{size:,}" for size in sizes)
             + " | growth | of log n |",
             "| --- |" + " --- |" * (len(sizes) + 2)]
    for (benchmark, kind), series in costs.items():
        name = kind if benchmark == "ByWindow" else f"{kind}, windows of 64"
        factor, bound = growth(series)
        cells = [f"{series[size]:.0f}" for size in sizes]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {factor:.2f} | {bound:.2f} |")
    return "\n".join(lines)


def svg(costs):
    width, height, margin = 900, 560, 70
    points = [(math.log2(n), cost) for series in costs.values() for n, cost in series.items()]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top = max(y for _, y in points) * 1.05

    def place(x, y):
        return (margin + (x - left) / (right - left) * (width - margin - 230),
                height - margin - y / top * (height - 2 * margin))

    def text(x, y, words, anchor="middle", colour="#000"):
        return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
                f"{words}</text>")

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             'font-family="sans-serif" font-size="13">',
             f'<rect width="{width}" height="{height}" fill="#fff"/>',
             text(margin, 30, "Cost of an event, ns, by events in the window (log scale)", "start")]
    for exponent in range(round(left), round(right) + 1, 3):
        x, bottom = place(exponent, 0)
        parts.append(f'<path d="M{x:.1f} {bottom:.1f}V{margin}" stroke="#ddd"/>')
        parts.append(text(x, bottom + 20, f"{2 ** exponent:,}"))
    step = 10 ** math.floor(math.log10(top))
    for value in range(0, int(top) + 1, step):
        x, y = place(left, value)
        parts.append(text(x - 8, y + 4, value, "end"))
    for i, ((benchmark, kind), series) in enumerate(costs.items()):
        colour = COLOURS[i % len(COLOURS)]
        control = benchmark == "ByMemory"
        dash = ' stroke-dasharray="5 4"' if control else ""
        line = " ".join("%.1f,%.1f" % place(math.log2(n), series[n]) for n in sorted(series))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" '
                     f'stroke-width="2"{dash}/>')
        parts.append(text(width - 210, margin + 22 * i, kind + (" in windows of 64" * control),
                          "start", colour))
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="the built correlate_bench")
    parser.add_argument("--svg", help="file to draw to")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.1, help="per row and round")
    arguments = parser.parse_args()
    costs = run(arguments.program, arguments.rounds, arguments.seconds)
    print(table(costs))
    if arguments.svg:
        with open(arguments.svg, "w", encoding="utf-8") as file:
            file.write(svg(costs))
    too_fast = []
    for (benchmark, kind), series in costs.items():
        factor, bound = growth(series)
        if benchmark == "ByWindow" and factor > bound:
            too_fast.append(kind)
    for kind in too_fast:
        print(f"{kind} grows faster than log n", file=sys.stderr)
    return 1 if too_fast else 0


if __name__ == "__main__":
    sys.exit(main())
