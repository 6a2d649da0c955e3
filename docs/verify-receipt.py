#!/usr/bin/env python3
"""Checks a receipt of BookSaga's ledger without asking anyone: verify-receipt.py receipt.json [noted-block.json]

Prints "valid" or "invalid: why". The second file, if given, is a block header saved earlier (GET /api/v1/ledger/blocks/N): the receipt
must have the same. What is hashed, and why, is in ledger.md.
"""
import hashlib, json, sys
from decimal import Decimal


def require(right, what):
    if not right:
        raise ValueError(what)


def check_transfer(booking, t):
    text = t["canonical"]
    require(hashlib.sha256(b"\x00" + text.encode()).hexdigest() == t["leaf_hash"], "the text does not have the leaf's hash")
    lines = [line.partition("=")[::2] for line in text.rstrip("\n").split("\n")[1:]]
    said = dict(lines)
    shown = {"id": booking, "seq": str(t["seq"]), "type": t["type"], "status": t["status"], "created_at": t["created_at"]}
    require(all(said[name] == value for name, value in shown.items()) and int(said["amount"]) == t["amount"] * 100, "shown is not what the text says")
    postings = [value.split("/") for name, value in lines if name == "posting"]
    require(postings == [[p["kind"], str(p["account"]), f"{(p['amount'] * 100).__floor__()}"] for p in t["postings"]]
            and all(p["amount"] * 100 == int(s[2]) for p, s in zip(t["postings"], postings)), "the postings shown are not those of the text")


def root_of(leaf, index, count, path):  # RFC 9162, section 2.1.3.2
    node, last = bytes.fromhex(leaf), count - 1
    for sibling in map(bytes.fromhex, path):
        require(last > 0, "the path is too long")
        left = index % 2 == 1 or index == last
        node = hashlib.sha256(b"\x01" + (sibling + node if left else node + sibling)).digest()
        while left and index % 2 == 0:
            index, last = index // 2, last // 2
        index, last = index // 2, last // 2
    require(last == 0, "the path is too short")
    return node.hex()


def check_block(t, b):
    require(b["first_seq"] <= t["seq"] <= b["last_seq"] and 0 <= t["index"] < b["count"], "the transfer is not within the block")
    require(root_of(t["leaf_hash"], t["index"], b["count"], t["path"]) == b["merkle_root"], "the path does not lead to the block's root")
    names = ["number", "first_seq", "last_seq", "count", "transfers", "trial_balance", "merkle_root", "previous_hash", "sealed_at"]
    header = "booksaga-block:1\n" + "".join(f"{name}={b[name]}\n" for name in names)
    require(hashlib.sha256(header.encode()).hexdigest() == b["hash"], "the block's header does not have its hash")


try:
    receipt, *noted = (json.load(open(name, encoding="utf-8"), parse_float=Decimal) for name in sys.argv[1:])
    for transfer in receipt["transfers"] or require(False, "no transfers"):
        check_transfer(receipt["booking_id"], transfer)
        check_block(transfer, transfer["block"])
    require(all(any(t["block"] == block for t in receipt["transfers"]) for block in noted), "the noted block is not the receipt's")
except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as e:
    sys.exit(f"invalid: {e}")
print("valid")
