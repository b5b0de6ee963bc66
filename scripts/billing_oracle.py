#!/usr/bin/env python3
"""What docs/billing.md says is charged, computed a second time: with fractions, and without a line of the product.

    billing_oracle.py invoices FILE             every account's months and orders, as FILE tells of them and the terms
    billing_oracle.py months ZONE FIRST LAST    when the months of these years begin
    billing_oracle.py days ZONE FIRST LAST      when the days of these years begin

FILE is JSON; times are microseconds since 1970, and an open span has no end:

    {"time_zone": "Australia/Sydney", "tax": "inclusive", "first": "2026-01", "last": "2026-12",
     "accounts": [{"id": "ac_…", "spans": [
        {"id": "sp_…", "server": "sv_…", "price_cents": 3900, "started_at": 1790000000000000, "ended_at": null}],
      "orders": [
        {"id": "do_…", "price_cents": 2195, "years": 2, "ordered_at": 1790000000000000}]}]}

Prints a line for each month with a second of use, and then one for each of its lines, in the order in which they are
rounded, with seconds since 1970:

    ac_… 2026-10 sum 3900 tax 355 total 3900
    sp_… 1790776800 1793451600 cents 3900 tax 355

and behind the months of an account a line for each of its orders, with the month in which it was given:

    do_… 2026-09 sum 4390 tax 399 total 4390
"""
import json
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
HALF = Fraction(1, 2)


def seconds_of(moment):
    return (moment.astimezone(timezone.utc) - EPOCH) // timedelta(seconds=1)


def months(zone, first, last):
    """Year, number, first second and first second after it, of each month from one (year, number) to another."""
    (year, number), begins = first, None
    while (year, number) <= last:
        following = (year, number + 1) if number < 12 else (year + 1, 1)
        begins = seconds_of(datetime(year, number, 1, tzinfo=zone))
        yield year, number, begins, seconds_of(datetime(*following, 1, tzinfo=zone))
        year, number = following


def half_up(amount):
    """The nearest whole number, and from the middle the greater."""
    return (amount + HALF).__floor__()


def used(spans, begins, ends):
    """What of the spans lies between two moments, in the order of rounding: (span, from, to)."""
    parts = []
    for span in spans:
        start = span["started_at"] // 1_000_000
        end = ends if span["ended_at"] is None else span["ended_at"] // 1_000_000
        start, end = max(start, begins), min(end, ends)
        if start < end:
            parts.append((span, start, end))
    first_on = {}
    for span, start, _ in parts:
        first_on[span["server"]] = min(start, first_on.get(span["server"], start))
    return sorted(parts, key=lambda part: (first_on[part[0]["server"]], part[0]["server"], part[1]))


def charged(parts, seconds):
    """The cents of each part: what the rounded sum grows by when it is added."""
    exact, before, lines = Fraction(0), 0, []
    for span, start, end in parts:
        exact += Fraction(span["price_cents"] * (end - start), seconds)
        lines.append(half_up(exact) - before)
        before = half_up(exact)
    return lines


TAXES = {"inclusive": Fraction(1, 11), "exclusive": Fraction(1, 10), "none": Fraction(0)}


def shares(tax, lines):
    """The tax by line: everybody's share rounded down, then a cent each to those who lost most by it."""
    total = sum(lines)
    if total == 0:
        return [0 for _ in lines]
    exact = [Fraction(tax * line, total) for line in lines]
    whole = [share.__floor__() for share in exact]
    losses = sorted(range(len(lines)), key=lambda place: (whole[place] - exact[place], place))
    for place in losses[:tax - sum(whole)]:
        whole[place] += 1
    return whole


def month_of(text):
    year, number = text.split("-")
    return int(year), int(number)


def charged_for(order, kind, zone):
    """The invoice of an order: the price of all its years, and the tax of the month in which it was given."""
    given = (EPOCH + timedelta(microseconds=order["ordered_at"])).astimezone(zone)
    total = order["price_cents"] * order["years"]
    tax = half_up(total * TAXES[kind])
    due = total + tax if kind == "exclusive" else total
    return f"{order['id']} {given.year:04}-{given.month:02} sum {total} tax {tax} total {due}"


def invoices(document):
    zone, kind = ZoneInfo(document["time_zone"]), document["tax"]
    calendar = list(months(zone, month_of(document["first"]), month_of(document["last"])))
    for account in document["accounts"]:
        for year, number, begins, ends in calendar:
            parts = used(account["spans"], begins, ends)
            if not parts:
                continue
            lines = charged(parts, ends - begins)
            total = sum(lines)
            tax = half_up(total * TAXES[kind])
            due = total + tax if kind == "exclusive" else total
            yield f"{account['id']} {year:04}-{number:02} sum {total} tax {tax} total {due}"
            for (span, start, end), cents, share in zip(parts, lines, shares(tax, lines)):
                yield f"{span['id']} {start} {end} cents {cents} tax {share}"
        for order in account.get("orders", []):
            yield charged_for(order, kind, zone)


def days(zone, first, last):
    """The date of each day there was, and the second it began in."""
    day = datetime(first, 1, 1, tzinfo=zone)
    while day.year <= last:
        began = seconds_of(day)
        # A date that a zone skipped has a midnight that another date already had.
        if (EPOCH + timedelta(seconds=began)).astimezone(zone).date() == day.date():
            yield f"{day.year:04}-{day.month:02}-{day.day:02} {began}"
        day += timedelta(days=1)


def main(words):
    if words[:1] == ["invoices"] and len(words) == 2:
        with open(words[1], encoding="utf-8") as file:
            lines = invoices(json.load(file))
    elif words[:1] == ["months"] and len(words) == 4:
        span = months(ZoneInfo(words[1]), (int(words[2]), 1), (int(words[3]), 12))
        lines = (f"{year:04}-{number:02} {begins} {ends}" for year, number, begins, ends in span)
    elif words[:1] == ["days"] and len(words) == 4:
        lines = days(ZoneInfo(words[1]), int(words[2]), int(words[3]))
    else:
        sys.exit(__doc__)
    sys.stdout.write("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main(sys.argv[1:])
