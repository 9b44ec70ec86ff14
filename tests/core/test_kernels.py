import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from visualizer.core.kernels import (
    Kernel,
    clear,
    describe,
    flip,
    from_json,
    from_text,
    mirror,
    negate,
    normalise,
    rank,
    resized,
    rotate,
    separated,
    to_json,
    to_text,
    transpose,
)

SIDES = st.integers(1, 15)


@st.composite
def kernels(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(1, 3)), draw(SIDES), draw(SIDES))
    if draw(st.booleans()):
        return Kernel(rng.integers(-9, 10, shape))
    return Kernel(rng.normal(size=shape) * 10.0 ** draw(st.integers(-12, 12)))


SOBEL = Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "Sobel x")


def grid(kernel):
    return kernel.weights[0].tolist()


def test_a_kernel_is_a_value():
    same = Kernel(np.array(SOBEL.weights), "Sobel x")
    assert same == SOBEL
    assert hash(same) == hash(SOBEL)
    assert SOBEL.renamed("other") != SOBEL
    assert negate(SOBEL) != SOBEL
    assert SOBEL != "Sobel x"
    assert hash(Kernel([[0.0]])) == hash(Kernel([[-0.0]]))
    with pytest.raises(ValueError, match="read-only"):
        SOBEL.weights[0, 0, 0] = 5


def test_a_kernel_keeps_its_own_copy():
    weights = np.ones((2, 3))
    kernel = Kernel(weights)
    weights[:] = 7
    assert grid(kernel) == [[1, 1, 1], [1, 1, 1]]
    assert (kernel.planes, kernel.height, kernel.width, kernel.sum) == (1, 2, 3, 6)


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        (np.ones((16, 3)), "A 16×3 kernel is too large: use at most 15 rows and columns."),
        (np.ones(3), "A kernel is a grid of numbers with rows and columns."),
        (np.ones((0, 3)), "A kernel is a grid of numbers with rows and columns."),
        ([[1, np.nan]], "A kernel weight is not a finite number: use ordinary numbers."),
        ([[1, np.inf]], "A kernel weight is not a finite number: use ordinary numbers."),
    ],
)
def test_what_is_no_kernel_is_refused(weights, reason):
    with pytest.raises(ValueError) as error:
        Kernel(weights)
    assert str(error.value) == reason


def test_operations():
    kernel = Kernel([[1, 2, 3], [4, 5, 6]], "k")
    assert grid(flip(kernel)) == [[6, 5, 4], [3, 2, 1]]
    assert grid(mirror(kernel)) == [[3, 2, 1], [6, 5, 4]]
    assert grid(rotate(kernel)) == [[4, 1], [5, 2], [6, 3]]
    assert grid(transpose(kernel)) == [[1, 4], [2, 5], [3, 6]]
    assert grid(negate(kernel)) == [[-1, -2, -3], [-4, -5, -6]]
    assert grid(clear(kernel)) == [[0, 0, 0], [0, 0, 0]]
    assert normalise(kernel).weights == pytest.approx(kernel.weights / 21)
    assert not np.signbit(negate(Kernel([[0.0, 1.0]])).weights[0, 0, 0])


@settings(max_examples=50, deadline=None)
@given(kernels())
def test_operations_undo_themselves(kernel):
    assert flip(flip(kernel)) == kernel
    assert mirror(mirror(kernel)) == kernel
    assert transpose(transpose(kernel)) == kernel
    assert negate(negate(kernel)) == kernel
    assert rotate(rotate(kernel)) == flip(kernel)


def test_a_sum_of_zero_cannot_be_normalised():
    for kernel in (SOBEL, Kernel([[0.1, 0.2, -0.3]]), clear(SOBEL)):
        with pytest.raises(ValueError, match="The weights sum to 0"):
            normalise(kernel)


def test_normalising_by_a_negative_sum_leaves_no_negative_zero():
    assert to_text(normalise(Kernel([[0, -4]]))).split() == ["0", "1"]
    assert "-0" not in to_json(normalise(Kernel([[0, -4]])))


def test_resizing_keeps_the_centre():
    assert grid(resized(Kernel([[5]]), 3, 3)) == [[0, 0, 0], [0, 5, 0], [0, 0, 0]]
    assert grid(resized(SOBEL, 1, 3)) == [[-2, 0, 2]]
    assert grid(resized(Kernel([[1, 2]]), 2, 3)) == [[1, 2, 0], [0, 0, 0]]
    assert grid(resized(Kernel([[1, 2, 3, 4]]), 1, 3)) == [[1, 2, 3]]
    with pytest.raises(ValueError, match="not 16×3"):
        resized(SOBEL, 16, 3)


def test_planes():
    three = SOBEL.with_planes(3)
    assert three.planes == 3
    changed = three.with_plane(1, np.eye(3))
    assert changed.weights[1].tolist() == np.eye(3).tolist()
    assert changed.with_planes(1) == SOBEL
    assert changed.with_planes(2).weights[1].tolist() == np.eye(3).tolist()


def test_separating():
    column, row = separated(SOBEL.weights[0])
    assert np.outer(column, row).tolist() == grid(SOBEL)
    assert separated(np.eye(3)) is None
    assert separated(np.zeros((3, 3))) is None
    assert separated(np.array([[4.0, 6.0], [6.0, 9.0]])) is None  # not into whole numbers


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_separated_factors_make_the_plane_again(data):
    rows, columns = data.draw(SIDES), data.draw(SIDES)
    whole = data.draw(st.booleans())
    elements = st.integers(-6, 6).map(float) if whole else st.floats(-3, 3, width=32)
    column = data.draw(arrays(np.float64, rows, elements=elements))
    row = data.draw(arrays(np.float64, columns, elements=elements))
    plane = np.outer(column, row)
    factors = separated(plane)
    if factors is None:
        return
    again = np.outer(*factors)
    if (plane == np.rint(plane)).all():
        np.testing.assert_array_equal(again, plane)
        assert all((factor == np.rint(factor)).all() for factor in factors)
    else:
        np.testing.assert_allclose(again, plane, atol=1e-12 * np.abs(plane).max())


@pytest.mark.parametrize(
    "plane",
    [
        np.ones((15, 15)),
        np.full((9, 9), 1 / 81),
        np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256,
        np.outer([0, 1, 2], [0, 0, 5]),
    ],
)
def test_usual_blurs_separate(plane):
    assert separated(plane.astype(float)) is not None


def test_describe():
    assert describe(SOBEL) == "sum 0 · rank 1: separable"
    assert describe(Kernel(np.full((3, 3), 1 / 9))) == "sum 1 · rank 1: separable"
    assert describe(Kernel([[1, 0], [0, -1]])) == "sum 0 · rank 2"
    assert describe(Kernel([[0.1, 0.2, -0.3]])) == "sum 0 · rank 1: separable"
    assert describe(clear(SOBEL)) == "sum 0 · all weights are 0"
    assert rank(SOBEL.with_planes(2).with_plane(1, np.eye(3))) == 3


@settings(max_examples=50, deadline=None)
@given(kernels(), st.text(max_size=20))
def test_files_bring_back_the_same_kernel(kernel, name):
    kernel = kernel.renamed(name)
    assert from_json(to_json(kernel)) == kernel
    assert from_text(to_text(kernel), name) == kernel


def test_text_is_what_one_would_write():
    kernel = Kernel([[[1, 0.5], [-2, 0]], [[3, 4], [5, 6]]], "k")
    assert to_text(kernel) == "1 0.5\n-2 0\n\n3 4\n5 6\n"
    read = from_text("1/9 0,5\n\n\n 1 2 \n")
    assert read.weights.tolist() == [[[1 / 9, 0.5]], [[1, 2]]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 2\n3", "Line 2"),
        ("1 x", '"x" is not a number'),
        ("", "no numbers"),
        ("1 2\n\n1 2 3", "planes of a kernel differ in size"),
        ("1 " * 16, "too large"),
    ],
)
def test_bad_text_says_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        from_text(text)


def changed(**fields):
    return json.dumps({**json.loads(to_json(SOBEL)), **fields})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1, 2", "This is no JSON"),
        ("[1, 2]", "no kernel exported by this application"),
        ('{"weights": [[1]]}', "no kernel exported by this application"),
        (changed(version=2), "format version 2, this application reads 1"),
        (changed(weights="abc"), "no grid of numbers"),
        (changed(weights=[[[1, 2], [3]]]), "no grid of numbers"),
        (changed(weights=[[["a"]]]), "no grid of numbers"),
        (changed(weights=[[[float("nan")]]]), "not a finite number"),
        (changed(weights=[[[1] * 16]]), "too large"),
        (changed(weights=3), "A kernel is a grid"),
    ],
)
def test_bad_json_says_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        from_json(text)
