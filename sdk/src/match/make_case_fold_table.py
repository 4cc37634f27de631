#!/usr/bin/env python3
"""Prints case_fold_table.inc: Unicode's simple case folding (statuses C and S of CaseFolding.txt)
as ranges, derived from the Unicode data that Python carries.

    python3 make_case_fold_table.py > case_fold_table.inc
"""

import unicodedata


def simple_fold(code_point):
    """The folding to one code point: the full one if it is that short, else the lower-case form."""
    char = chr(code_point)
    for candidate in (char.casefold(), char.lower()):
        if len(candidate) == 1:
            return ord(candidate)
    return code_point


def ranges():
    """Runs of code points 1 or 2 apart that fold by the same distance."""
    runs = []
    for code_point in range(0x80, 0x110000):
        delta = simple_fold(code_point) - code_point
        if delta == 0:
            continue
        if runs and runs[-1]["delta"] == delta:
            run = runs[-1]
            gap = code_point - run["last"]
            if gap == run["stride"] or (run["first"] == run["last"] and gap == 2):
                run.update(last=code_point, stride=gap)
                continue
        runs.append({"first": code_point, "last": code_point, "delta": delta, "stride": 1})
    return runs


print(f"// Unicode {unicodedata.unidata_version}; made by make_case_fold_table.py.")
for run in ranges():
    print("{{0x{first:05X}, 0x{last:05X}, {delta}, {stride}}},".format(**run))
