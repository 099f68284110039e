"""The weights by which a summary is chosen, fitted again to summaries that people wrote: how `digest.edit.summarise.WEIGHTS` came about.

    pip install rouge-score
    python benchmarks/summary_weights.py --data FOLDER

FOLDER holds summaries/cnn_highlights.jsonl and summaries/writers.jsonl. Every summary that a story allows is described by the
marks of `digest.edit.summarise.marks` and given its ROUGE-1 against the best reference. Ridge regression, story by story around
the story's own mean, both sets alike in weight, finds what a mark is worth. Prints the weights in missing words, and ROUGE-1
minus that of the first 45 words: for the weights that ship, for those fitted to all, and for those fitted to four fifths on the
fifth that was left out.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from editorial import SUMMARY_SETS, _record, _rows

from digest.edit.summarise import WEIGHTS, candidates, content, marks

LIMIT = 45
FOLDS = 5
RIDGE = 0.1  # of a mark's own spread: the marks go together, and a few stories must not decide
MARKS = tuple(WEIGHTS)
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Item:
    """A story's possible summaries: the marks of each, and its ROUGE-1 minus that of the first 45 words."""

    origin: str
    found: tuple[tuple[int, ...], ...]
    gains: tuple[float, ...]


def main() -> None:
    """Fit, cross-validate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=4, help="how often the stories are dealt into fifths")
    args = parser.parse_args()
    items = list(read_items(args.data))
    fitted = fit(items)
    print("weights        " + "  ".join(f"{mark} {fitted[mark]:.2f} (ships {WEIGHTS[mark]})" for mark in MARKS))
    print("shipped        " + _line(gain(items, WEIGHTS)))
    print("fitted to all  " + _line(gain(items, fitted)))
    left_out = [(gain(test, fit(train)), gain(test, WEIGHTS)) for train, test in deals(items, args.rounds)]
    print("left out       " + _line({which: fmean(learned[which] for learned, _ in left_out) for which in SUMMARY_SETS}))
    for number, (learned, shipped) in enumerate(left_out[:FOLDS], start=1):
        print(f"  fifth {number}: fitted {_line(learned)}; shipped {_line(shipped)}")


def read_items(data: Path) -> Iterator[Item]:
    """Every story of both sets with all that its summary could be."""
    from rouge_score.tokenizers import DefaultTokenizer

    tokenize = DefaultTokenizer(use_stemmer=True).tokenize
    for origin in SUMMARY_SETS:
        for row in _rows(data / f"summaries/{origin}.jsonl"):
            story = _record(row)
            told = list(candidates(story, LIMIT)) if story else []
            if story is None or not told:
                continue
            written = [". ".join(row["highlights"])] if "highlights" in row else row["refs"]
            references = [Counter(tokenize(text)) for text in written]
            lead = _rouge(Counter(tokenize(" ".join(row["text"].split()[:LIMIT]))), references)
            headline = content(story.headline)
            yield Item(
                origin=origin,
                found=tuple(tuple(marks(lines, headline, LIMIT).values()) for lines in told),
                gains=tuple(_rouge(Counter(tokenize(" ".join(line.text for line in lines))), references) - lead for lines in told),
            )


def _rouge(text: Counter[str], references: Sequence[Counter[str]]) -> float:
    """ROUGE-1, F1, against the reference that fits best."""
    return max(2 * (text & reference).total() / max(1, text.total() + reference.total()) for reference in references)


def fit(items: Sequence[Item]) -> Weights:
    """The weights that tell best which of a story's summaries is nearer to a person's; a missing word is worth -1."""
    size = len(MARKS)
    left = [[0.0] * size for _ in MARKS]
    right = [0.0] * size
    stories = Counter(item.origin for item in items)
    for item in items:
        share = 1 / stories[item.origin] / len(item.gains)
        means = [fmean(column) for column in zip(*item.found, strict=True)]
        level = fmean(item.gains)
        for found, gained in zip(item.found, item.gains, strict=True):
            apart = [value - mean for value, mean in zip(found, means, strict=True)]
            for row in range(size):
                right[row] += share * apart[row] * (gained - level)
                for column in range(size):
                    left[row][column] += share * apart[row] * apart[column]
    for row in range(size):
        left[row][row] *= 1 + RIDGE
    found_weights = _solve(left, right)
    return {mark: weight / -found_weights[0] for mark, weight in zip(MARKS, found_weights, strict=True)}


def _solve(left: list[list[float]], right: list[float]) -> list[float]:
    """Gauss: a handful of equations needs no library. The matrix is symmetric and positive, so no row changes its place."""
    rows = [[*row, value] for row, value in zip(left, right, strict=True)]
    for at, pivot in enumerate(rows):
        rows[at] = [value / pivot[at] for value in pivot]
        for other in range(len(rows)):
            if other != at:
                factor = rows[other][at]
                rows[other] = [value - factor * taken for value, taken in zip(rows[other], rows[at], strict=True)]
    return [row[-1] for row in rows]


def deals(items: Sequence[Item], rounds: int) -> Iterator[tuple[list[Item], list[Item]]]:
    """What is fitted to and what is left out, each set dealt evenly into fifths, `rounds` times over."""
    for seed in range(rounds):
        fold: dict[int, int] = {}
        for origin in SUMMARY_SETS:
            places = [at for at, item in enumerate(items) if item.origin == origin]
            random.Random(seed).shuffle(places)
            fold.update((at, number % FOLDS) for number, at in enumerate(places))
        for out in range(FOLDS):
            yield [item for at, item in enumerate(items) if fold[at] != out], [item for at, item in enumerate(items) if fold[at] == out]


def gain(items: Sequence[Item], weights: Weights) -> dict[str, float]:
    """ROUGE-1 minus that of the first 45 words of the summaries which these weights choose, by set."""
    gains: dict[str, list[float]] = {which: [] for which in SUMMARY_SETS}
    for item in items:
        worths = [sum(weights[mark] * value for mark, value in zip(MARKS, found, strict=True)) for found in item.found]
        gains[item.origin].append(item.gains[worths.index(max(worths))])
    return {which: fmean(values) for which, values in gains.items()}


def _line(gains: Mapping[str, float]) -> str:
    return ", ".join(f"{which} {value:+.4f}" for which, value in gains.items())


if __name__ == "__main__":
    main()
