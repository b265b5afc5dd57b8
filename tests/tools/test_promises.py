"""How `make promises` counts."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from tools.promises import Tally, counted, end, kept, seeds_to_run, told, version


def test_what_a_run_says_it_did_is_counted_by_name():
    output = ".\npromises: 116 runs, 2498 steps, 2 yes completed\n   [100%]\n"
    assert counted(output) == {"runs": 116, "steps": 2498, "yes completed": 2}
    assert counted("INTERNALERROR> boom") == {}


def test_it_goes_on_where_it_was_while_the_code_is_the_same():
    tally = Tally("abc", seeds=3, counts=Counter(steps=9_000), findings=[1])
    text = tally.text()
    assert kept(text, "abc") == tally
    assert kept(text, "def") == Tally("def"), "steps with other code prove nothing of this one"
    assert kept("", "abc") == Tally("abc")


def test_a_seed_that_ended_before_an_earlier_one_is_not_run_again():
    tally = Tally("abc", seeds=1)
    for seed in (3, 4):
        end(tally, seed)
    tally = kept(tally.text(), "abc")
    assert (tally.seeds, tally.beyond) == (1, [3, 4])
    assert list(islice(seeds_to_run(tally), 3)) == [1, 2, 5]
    for seed in (1, 2):
        end(tally, seed)
    assert (tally.seeds, tally.beyond) == (5, [])


def test_only_what_the_code_does_makes_another_version():
    before = version(["x = 1  # why\n", "y = 2\n"])
    assert before == version(["x  =  1\n", "y = 2\n"])
    assert before != version(["x = 1\n", "y = 3\n"])


def test_a_finding_is_told_with_its_seed():
    assert told(Tally("abc", 2, Counter(steps=6_000))).endswith("nothing found")
    assert "FOUND by seeds [1]" in told(Tally("abc", 2, Counter(steps=6_000), [1]))
