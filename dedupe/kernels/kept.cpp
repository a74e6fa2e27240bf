// Rows of bytes in a ring: the latest that were written are there, by their ids.
//
// A ring is `ring` (size,), written round and round, and a hash table of it: `keys` are ids plus
// one, 0 where a place is free, and `places` (slots, 2) where their row begins, as a place that
// counts on and on, and its length. A row is there while it begins less than the ring's size before
// what was written in all, `end`.
#include <limits>

#include "array.h"
#include "postings.h"

namespace dedupe {
namespace {

constexpr i64 LAST = std::numeric_limits<i64>::max() / 2;

// A search goes round the table: it needs a power of two of slots.
void demand_table(View<const u64> keys, View2<const i64> places) {
    const i64 slots = keys.size;
    demand(slots > 0 && (slots & (slots - 1)) == 0, "the slots of the table are no power of two");
    demand(places.rows == slots && places.columns == 2, "the table has places of another number");
}

// What was written in all is counted from 0 on, and never reaches what 64 bits hold.
void demand_ring(i64 size, i64 end) {
    demand(0 < size && size < LAST && 0 <= end && end < LAST, "a ring without room");
}

// Whether a row that begins at this place, as long as that, is still there.
bool there(i64 place, i64 length, i64 size, i64 end) {
    return place >= 0 && place >= end - size && place <= end && length >= 0 &&
           length <= size - place % size;
}

u64 key_of(i64 id) { return static_cast<u64>(id) + 1; }

i64 spans_held(View<const u64> keys, View2<const i64> places, i64 size, i64 end,
               View<const i64> ids, View2<i64> spans) {
    demand_table(keys, places);
    demand_ring(size, end);
    demand(spans.rows == ids.size && spans.columns == 2, "spans of another number than ids");
    i64 room = size;
    for (i64 i = 0; i < ids.size; i++) {
        const i64 slot = place_of(keys, key_of(ids[i]));
        spans(i, 0) = spans(i, 1) = -1;
        if (keys[slot] == 0 || !there(places(slot, 0), places(slot, 1), size, end)) continue;
        spans(i, 0) = places(slot, 0) % size;
        spans(i, 1) = spans(i, 0) + places(slot, 1);
        room = std::min(room, places(slot, 0) + size - end);
    }
    return room;
}

std::tuple<Vector<u8>, Vector<i64>> gathered(View<const u8> ring, View2<const i64> spans,
                                             View<const u8> fetched,
                                             View<const i64> fetched_bounds) {
    demand(spans.columns == 2, "spans have a begin and an end");
    Vector<View<const u8>> rows;
    rows.reserve(static_cast<std::size_t>(spans.rows));
    Vector<i64> bounds(spans.rows + 1);
    i64 used = 0;
    for (i64 i = 0; i < spans.rows; i++) {
        const bool held = spans(i, 0) >= 0;
        demand(held || used + 1 < fetched_bounds.size, "fewer rows were fetched than are missing");
        const i64 first = held ? spans(i, 0) : fetched_bounds[used];
        const i64 last = held ? spans(i, 1) : fetched_bounds[used + 1];
        const View<const u8> &data = held ? ring : fetched;
        demand(0 <= first && first <= last && last <= data.size, "a row past the end of its data");
        rows.push_back(data.slice(first, last));
        bounds[i + 1] = bounds[i] + (last - first);
        used += !held;
    }
    Vector<u8> data;
    data.reserve(static_cast<std::size_t>(bounds[spans.rows]));
    for (const View<const u8> &row : rows) data.insert(data.end(), row.begin(), row.end());
    return {std::move(data), std::move(bounds)};
}

i64 written_rows(View<u64> keys, View2<i64> places, View<u8> ring, i64 end, View<const i64> ids,
                 View<const u8> data, View<const i64> bounds) {
    demand_table(keys, places);
    demand_ring(ring.size, end);
    demand(bounds.size > ids.size, "rows of fewer bounds than ids");
    // All before the first is written: the caller would not learn of it.
    for (i64 i = 0; i < ids.size; i++)
        demand(0 <= bounds[i] && bounds[i] <= bounds[i + 1] && bounds[i + 1] <= data.size,
               "a row past the end of its data");
    for (i64 i = 0; i < ids.size; i++) {
        const View<const u8> row = data.slice(bounds[i], bounds[i + 1]);
        if (row.size > ring.size) continue;
        if (end % ring.size + row.size > ring.size) end += ring.size - end % ring.size;
        const i64 begin = end % ring.size;
        std::copy(row.begin(), row.end(), ring.slice(begin, begin + row.size).begin());
        const u64 key = key_of(ids[i]);
        const i64 slot = place_of(keys, key);
        keys[slot] = key;
        places(slot, 0) = end;
        places(slot, 1) = row.size;
        end += row.size;
    }
    return end;
}

std::tuple<Vector<u64>, Table<i64>, i64> swept(View<const u64> keys, View2<const i64> places,
                                               i64 size, i64 end) {
    demand_table(keys, places);
    demand_ring(size, end);
    i64 count = 0;
    Vector<u64> fresh(keys.size);
    Table<i64> moved(places.rows, 2);
    const View<u64> table = fresh;
    for (i64 slot = 0; slot < keys.size; slot++) {
        if (keys[slot] == 0 || !there(places(slot, 0), places(slot, 1), size, end)) continue;
        const i64 to = place_of(table, keys[slot]);
        table[to] = keys[slot];
        moved(to, 0) = places(slot, 0);
        moved(to, 1) = places(slot, 1);
        count++;
    }
    return {std::move(fresh), std::move(moved), count};
}

}  // namespace

void bind_kept(nb::module_ &m) {
    m.def("spans_held", &spans_held, Unlocked(), "keys"_a, "places"_a, "size"_a, "end"_a, "ids"_a,
          "spans"_a, R"(
Fills ``spans`` (k, 2) with where in the ring the rows of ``ids`` (k,) lie.

The ring of ``size`` bytes has a hash table: ``keys`` are ids plus one, 0 where a place is free, and
``places`` (slots, 2) where their row begins, as a place that counts on and on to ``end``, and its
length. Spans are begin and end of each row, -1 twice where one isn't there. Returns how much may be
written before the first of them goes.)");
    m.def("gathered", &gathered, Unlocked(), "ring"_a, "spans"_a, "fetched"_a, "fetched_bounds"_a,
          R"(
The rows at ``spans`` one after the other, and bounds (k + 1,).

The next of those ``fetched`` for each that isn't in the ring.)");
    m.def("written_rows", &written_rows, Unlocked(), "keys"_a, "places"_a, "ring"_a, "end"_a,
          "ids"_a, "data"_a, "bounds"_a, R"(
Writes rows behind all others, the oldest of which go; returns the new end.

The table must have room for them. A row that is longer than the ring is passed over.)");
    m.def("swept", &swept, Unlocked(), "keys"_a, "places"_a, "size"_a, "end"_a,
          "The same table without what is no longer there: keys, places and how many there are.");
}

}  // namespace dedupe
