"""docs/methods.md and CONTRIBUTING.md say what the code does."""

from __future__ import annotations

import pytest
from scipy.stats import norm

from gncviz.explorer.model.data import MOST_BYTES
from gncviz.explorer.model.story import STARTS
from gncviz.explorer.words.address import OLD_STEPS
from gncviz.kernels import plans
from gncviz.models.products import TERM_BY_TERM
from gncviz.posterior import auto, importance, moves, problem, weights
from gncviz.posterior.curve import growth, sweep, work
from gncviz.posterior.moves import null_space, refit
from gncviz.posterior.splitting import rounds, schedule, target
from gncviz.posterior.splitting import work as under_way
from tests import test_structure
from tests.documents import DOCUMENTS, ROOT
from tests.sentences.held import Held, loose, prose

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
METHODS, SERVING = (ROOT / "docs" / f"{name}.md" for name in ("methods", "serving"))

HELD = [
    Held("kept to compare with ({}, fewer in very large", lambda: [problem._PRIOR_DRAWS]),
    Held("away from it by one part in {}", lambda: [1 / problem.TIED]),
    Held("where not even {} networks fit", lambda: [target._LEAST_STATES]),
    Held("at most {} independent measurements", lambda: [refit._MOST_DIRECTIONS]),
    Held(
        "One population of {} states",
        lambda: [rounds._PILOT_CHAINS * rounds._PILOT_LENGTH],
    ),
    Held("Each next level is the {} % quantile", lambda: [100 * schedule._KEEP]),
    Held("about {} % of the proposals are accepted", lambda: [100 * schedule._WANTED_RATE]),
    Held("would be more than {} levels away", lambda: [schedule._MAX_LEVELS]),
    Held(
        "down the fixed levels, first {} to {} of them, by how many draws are asked for, then as "
        "many as are missing, in eights and up to {} at a time",
        lambda: [under_way._LEAST_ISLANDS, under_way._ISLANDS, under_way._MOST_ISLANDS],
    ),
    Held("and at least {} islands carry the estimate", lambda: [rounds._CARRYING]),
    Held("An island begins with {} draws", lambda: [under_way._CHAINS * under_way._LENGTH]),
    Held(
        "{} of them are chosen ({} with slices)",
        lambda: [under_way._CHAINS, under_way._FEWER_CHAINS],
    ),
    Held("each starts a Markov chain of {} states", lambda: [under_way._LENGTH]),
    Held(
        "there are {} rounds of steps in all layers, {} moves at least and {} at most, and {} with "
        "slices or refits",
        lambda: [
            under_way._ROUNDS,
            under_way._LEAST_STRIDE,
            under_way._LONGEST_STRIDE,
            under_way._SHORT_STRIDE,
        ],
    ),
    Held("in linear networks of at most {} layers with", lambda: [moves._FEW_LAYERS]),
    Held("until one fits, {} at most", lambda: [null_space.TRIES]),
    Held(
        "at most {} layers ({} where hidden layers have {} units or more) and {} weights",
        lambda: [
            plans._DEEPEST,
            plans._DEEPEST_OF_SOME_WIDTH,
            plans._SOME_WIDTH,
            plans._MOST_WEIGHTS,
        ],
    ),
    Held(
        "every {}nd state is kept (every {}th with refits), {} of each",
        lambda: [under_way._THIN, under_way._THIN_WITH_REFITS, under_way._KEPT],
    ),
    Held("at which all samples are right, {} times at most", lambda: [sweep.TRIES]),
    Held(
        "Islands of {} networks go from sample to sample, {} of them to begin with",
        lambda: [work._NETWORKS, work._ISLANDS],
    ),
    Held(
        "spread by more than {}, larger ones take their place, {} times as large at once and {} "
        "times in all",
        lambda: [growth.SPREAD, growth.AT_ONCE, growth.IN_ALL],
    ),
    Held("±{} of what is reported is a 95 % interval", lambda: [norm.ppf(0.975)]),
    Held("the network deeper than {} layers", lambda: [target._FLOAT32_DEPTH]),
    Held("At most {} draws are made for each effective", lambda: [importance._MOST_PER_SAMPLE]),
    Held(
        "above {} (Vehtari et al. 2024), or with fewer than {} effective draws",
        lambda: [weights.RELIABLE_TAIL, importance._FEW],
    ),
    Held(
        "if of {} weighted draws at least {} % are effective ({} % where splitting's moves are not "
        "compiled, {} % for networks wider than {},",
        lambda: [
            auto._COLLAPSED_PILOT,
            100 * auto._GOOD_SHARE_NARROW_COMPILED,
            100 * auto._GOOD_SHARE_NARROW,
            100 * auto._GOOD_SHARE_WIDE,
            TERM_BY_TERM,
        ],
    ),
    Held("if at least {} draws of the prior fit", lambda: [auto._FEWEST_HITS]),
    Held(
        "up to {} million draws where only splitting is left",
        lambda: [auto._PLAIN_DRAWS_INSTEAD_OF_SPLITTING / 1e6],
    ),
    Held(
        "Where the first {} have {} times that share, or less than {} times, they decide",
        lambda: [auto._FIRST_LOOK, auto._AMPLE, auto._TOO_LITTLE],
    ),
    Held(
        "down to {} decades below",
        lambda: [importance._DECADES],
    ),
]
#: The level of the intervals, which is a choice; and "once in 15 000", below.
APART = ["a 95 % interval", "once in 15 000 comparisons"]


def text() -> str:
    """The sentences of methods.md, without the references."""
    return prose(METHODS).partition("\nReferences\n")[0]


@pytest.mark.parametrize("sentence", HELD, ids=lambda one: one.template[:40])
def test_a_sentence_says_what_the_code_does(sentence: Held) -> None:
    sentence.check(text())


def test_every_number_is_held() -> None:
    assert loose(text(), HELD, APART) == []


def test_a_disagreement_is_a_false_alarm_once_in_so_many() -> None:
    assert "more than four standard errors, a false alarm once in 15 000" in text()
    assert 1 / (2 * norm.sf(4)) == pytest.approx(15_000, rel=0.1)


def test_source_files_are_as_short_as_contributing_says() -> None:
    Held("file is longer than {} lines", lambda: [test_structure.LONGEST]).check(
        prose(CONTRIBUTING)
    )


def test_serving_has_the_numbers_of_the_page() -> None:
    held = [
        Held("is a step of the story, {} to {}; with", lambda: [1, len(STARTS)]),
        # The steps of the first version: the address keeps their numbers.
        Held(", {} to {}, is what older", lambda: [min(OLD_STEPS), max(OLD_STEPS)]),
        Held("view on data: of {} MB at most", lambda: [MOST_BYTES / 1e6]),
    ]
    for one in held:
        one.check(prose(SERVING))
    # Addresses, an answer of the server's, and what was measured on a machine.
    apart = [
        "listens on 127.0.0.1",
        "repo2docker",
        "count 0.2 GB for each page that is open at a time, 0.4 for the first",
        "and 0.5 for the server",
        "answer 403",
        "of about 2 MB",
        "its six steps",
    ]
    assert loose(prose(SERVING), held, apart) == []


#: Documents that a test of their own reads, or a script makes, or that tell what was before.
READ = {
    *("README.md", "docs/reproduction.md", "docs/methods.md", "docs/serving.md"),
    *("docs/claims.md", "docs/findings.md", "docs/networks.md", "docs/referee.md", "CHANGELOG.md"),
    *("docs/tensors.md", "docs/hosting.md"),
}


@pytest.mark.parametrize(
    "name",
    sorted({path.relative_to(ROOT).as_posix() for path in DOCUMENTS} - READ),
)
def test_other_documents_have_no_numbers_but_settings(name: str) -> None:
    apart = [
        "file is longer than 365 lines",
        "the norm that W shall have, 1 in the paper",
        "the ε that an error of 0.4 marks is",
        "the noise has the standard deviation 0.05",
        "whose law is Q times 0.1",
        "40 of the 64 numbers that make a 4 × 4 × 4",
        'of each mode ("mode 1" and on)',
    ]
    assert loose(prose(ROOT / name), [], apart) == []
