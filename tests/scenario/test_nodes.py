from hypothesis import given
from hypothesis import strategies as st

from forecast.scenario.nodes import Node, find, locate, merge, name_steps, plain

KEYS = st.sampled_from("abc")
LEAVES = st.builds(lambda text, line: Node(text, "f", line), st.text(max_size=3), st.integers(1, 99))


def trees(depth):
    """Trees of one shape: at every depth either all are mappings or all are leaves, as in files of one kind."""
    if depth == 0:
        return LEAVES
    return st.builds(
        lambda pairs, line: Node(pairs, "f", line),
        st.dictionaries(KEYS, trees(depth - 1), max_size=3),
        st.integers(1, 99),
    )


@given(trees(2), trees(2), trees(2))
def test_changes_can_be_merged_in_any_grouping(base, change, last):
    assert merge(merge(base, change), last) == merge(base, merge(change, last))


@given(trees(2))
def test_merging_a_tree_with_itself_or_nothing_changes_nothing(tree):
    assert merge(tree, tree) == tree
    assert merge(tree, Node({}, "g", 1)) == tree


def test_a_merged_leaf_keeps_the_mark_of_the_file_it_came_from():
    base = Node({"a": Node({"x": Node("1", "base", 2), "y": Node("2", "base", 3)}, "base", 1)}, "base", 1)
    change = Node({"a": Node({"y": Node("9", "change", 7)}, "change", 6)}, "change", 5)
    merged = merge(base, change)
    assert plain(merged) == {"a": {"x": "1", "y": "9"}}
    assert locate(merged, ["a", "x"]) == ("base", 2)
    assert locate(merged, ["a", "y"]) == ("change", 7)


def test_a_list_is_replaced_and_not_joined():
    base = Node({"a": Node((Node("1", "f", 1), Node("2", "f", 1)), "f", 1)}, "f", 1)
    change = Node({"a": Node((Node("3", "f", 2),), "f", 2)}, "f", 2)
    assert plain(merge(base, change)) == {"a": ["3"]}


def test_what_is_absent_is_located_where_it_would_stand():
    tree = Node({"a": Node({"x": Node("1", "f", 4)}, "f", 3)}, "f", 1)
    assert locate(tree, ["a", "missing", 0]) == ("f", 3)
    assert find(tree, ["a", "missing"]) is None


def test_an_entry_of_a_list_is_called_by_its_id():
    entry = Node({"id": Node("S1", "f", 2), "when": Node("2024", "f", 3)}, "f", 2)
    tree = Node({"reports": Node((entry, Node("text", "f", 4)), "f", 1)}, "f", 1)
    assert name_steps(tree, ["reports", 0, "when"]) == "reports.S1.when"
    assert name_steps(tree, ["reports", 1]) == "reports.1"
