#!/usr/bin/env python3
"""Writes src/JointFusion.Data/Text/Pretrained/Normalizers/canonical.txt from Debian's unicode-data.

  apt-get install unicode-data && /usr/bin/python3 tools/unicode/canonical.py"""
import os

UNICODE = "/usr/share/unicode"
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "../../src/JointFusion.Data/Text/Pretrained/Normalizers/canonical.txt")


def lines(name):
    with open(os.path.join(UNICODE, name), encoding="utf-8") as f:
        for line in f:
            line = line.split("#")[0].strip()
            if line:
                yield [cell.strip() for cell in line.split(";")]


def ranges(classes):
    """(first, last, class) of neighbours of one class."""
    runs = []
    for code, cls in sorted(classes.items()):
        if runs and runs[-1][1] == code - 1 and runs[-1][2] == cls:
            runs[-1][1] = code
        else:
            runs.append([code, code, cls])
    return runs


def main():
    excluded = {int(cells[0], 16) for cells in lines("CompositionExclusions.txt")}
    classes, pairs = {}, []
    for cells in lines("UnicodeData.txt"):
        code = int(cells[0], 16)
        if cells[3] != "0":
            classes[code] = int(cells[3])
        if cells[5] and not cells[5].startswith("<"):
            pairs.append((code, [int(part, 16) for part in cells[5].split()]))
    with open(OUT, "w", encoding="ascii", newline="\n") as out:
        out.write("# Unicode 15.0, made by tools/unicode/canonical.py. c: first, last, combining class. "
                  "d: a character and what it is made of; x: the same, but never composed.\n")
        for first, last, cls in ranges(classes):
            out.write(f"c {first:X} {last:X} {cls}\n")
        for code, parts in pairs:
            # Composed are pairs whose result is not excluded and neither begins with nor is a mark (UAX #15, full composition exclusion).
            composed = len(parts) == 2 and code not in excluded and code not in classes and parts[0] not in classes
            out.write(" ".join(["d" if composed else "x", f"{code:X}", *(f"{part:X}" for part in parts)]) + "\n")


if __name__ == "__main__":
    main()
