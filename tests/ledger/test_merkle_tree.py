"""The tree of RFC 6962 against its own slow definition, and proofs that nobody can bend."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.ledger.merkle_tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)

LISTS = st.lists(st.binary(max_size=8), min_size=1, max_size=70).map(
    lambda entries: [leaf_hash(e) for e in entries]
)


def slow_root(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word, over the entries themselves."""
    if not entries:
        return sha256().digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + slow_root(entries[:k]) + slow_root(entries[k:])).digest()


def flipped(hash: bytes) -> bytes:
    return bytes([hash[0] ^ 1]) + hash[1:]


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_root_is_that_of_the_rfc(entries: list[bytes]) -> None:
    assert root_of(map(leaf_hash, entries)) == slow_root(entries)


def test_the_published_vectors_of_certificate_transparency() -> None:
    """The test vectors of the reference implementation (certificate-transparency, merkle tree tests)."""
    entries = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    leaves = [leaf_hash(bytes.fromhex(e)) for e in entries]
    assert leaves[0].hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(leaves[:3]).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert root_of(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_an_empty_tree() -> None:
    assert root_of([]) == Frontier().root == EMPTY_ROOT == sha256().digest()


def test_a_node_never_passes_for_a_leaf() -> None:
    a, b = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(a + b) != node_hash(a, b)


@pytest.mark.parametrize(("size", "peaks"), [(1, ()), (2, (b"", b"")), (3, (b"",))])
def test_a_frontier_that_cannot_be_is_refused(size: int, peaks: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="peaks"):
        Frontier(size, peaks)


@given(LISTS, st.data())
def test_each_leaf_is_shown_to_be_in_the_tree_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(leaves) - 1))
    proof, root, size = inclusion_proof(leaves, position), root_of(leaves), len(leaves)
    assert includes(root, size, position, leaves[position], proof)
    assert not includes(root, size, position, flipped(leaves[position]), proof)
    assert not includes(flipped(root), size, position, leaves[position], proof)
    assert not includes(root, size, size, leaves[position], proof)
    assert not includes(root, size, position, leaves[position], [*proof, root])
    assert not includes(root, 4 * size, position, leaves[position], proof)
    for step in range(len(proof)):
        bent = [*proof[:step], flipped(proof[step]), *proof[step + 1 :]]
        assert not includes(root, size, position, leaves[position], bent)
        assert not includes(root, size, position, leaves[position], proof[:step])


@given(LISTS, st.data())
def test_a_longer_tree_is_shown_to_begin_with_the_shorter(leaves: list[bytes], data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, len(leaves)))
    old, new, size = root_of(leaves[:old_size]), root_of(leaves), len(leaves)
    proof = consistency_proof(leaves, old_size)
    assert extends(old, old_size, new, size, proof)
    assert not extends(flipped(old), old_size, new, size, proof)
    assert not extends(old, old_size, flipped(new), size, proof)
    assert not extends(old, old_size, new, size, [*proof, new])
    assert not extends(old, old_size, new, 4 * size, proof)
    assert not extends(new, size + 1, old, old_size, proof)
    for step in range(len(proof)):
        bent = [*proof[:step], flipped(proof[step]), *proof[step + 1 :]]
        assert not extends(old, old_size, new, size, bent)


@given(LISTS, st.data())
def test_a_rewritten_beginning_has_no_proof(leaves: list[bytes], data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, len(leaves)))
    changed = data.draw(st.integers(0, old_size - 1))
    rewritten = [*leaves[:changed], flipped(leaves[changed]), *leaves[changed + 1 :]]
    proof = consistency_proof(rewritten, old_size)
    assert not extends(root_of(leaves[:old_size]), old_size, root_of(rewritten), len(leaves), proof)


@pytest.mark.parametrize("place", [-1, 3])
def test_there_is_no_proof_of_what_is_not_there(place: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(3)]
    with pytest.raises(IndexError):
        inclusion_proof(leaves, place)
    with pytest.raises(IndexError):
        consistency_proof(leaves, 4 if place == 3 else 0)
