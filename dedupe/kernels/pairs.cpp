// Exact comparison of pairs: overlaps of sets, and pairs whose sets meet in a sample.
#include "postings.h"
#include "sorting.h"

namespace dedupe {
namespace {

// The lower half of a word, where a value lies under its row, or a row under its value.
constexpr u64 LOW = 0xFFFFFFFF;

// Lays the distinct values of a row, ascending, into `target`, as long as the row; how many.
i64 sorted_set(View<const u32> own, View<u32> target, View<u32> spare, Vector<u32> &places) {
    std::copy(own.begin(), own.end(), target.begin());
    sort_hashes(target, 32, spare.slice(0, own.size), places);
    return std::unique(target.begin(), target.end()) - target.begin();
}

std::tuple<Vector<u32>, Vector<i64>> distinct_values(View<const u32> values,
                                                     View<const i64> bounds,
                                                     View<const bool> chosen) {
    const i64 n = bounds.size - 1;
    i64 size = 0, longest = 0;
    for (i64 row = 0; row < n; row++) {
        if (!chosen[row]) continue;
        size += bounds[row + 1] - bounds[row];
        longest = std::max(longest, bounds[row + 1] - bounds[row]);
    }
    Vector<u32> found(size), spare(longest), places;
    Vector<i64> ends(n + 1);
    i64 count = 0;
    for (i64 row = 0; row < n; row++) {
        if (chosen[row]) {
            const View<const u32> own = values.slice(bounds[row], bounds[row + 1]);
            count += sorted_set(own, View<u32>(found).slice(count, count + own.size), spare, places);
        }
        ends[row + 1] = count;
    }
    found.resize(static_cast<std::size_t>(count));
    return {std::move(found), std::move(ends)};
}

std::tuple<Vector<u32>, Vector<i64>, Vector<u32>, Vector<i64>> texts_at_hand(
    View<const u32> shingles, View<const i64> starts, View<const u32> sets,
    View<const i64> set_bounds, View<const u8> stored, View<const i64> stored_bounds,
    View<const i32> wanted, i64 rows) {
    const i64 n = rows_within(starts, shingles.size);
    demand(rows_within(set_bounds, sets.size) == n && rows >= n, "sets of other rows than texts");
    demand(rows_within(stored_bounds, stored.size) == wanted.size, "not one stored text a row");
    const i64 own_size = starts[n] - starts[0], own_sets = set_bounds[n] - set_bounds[0];
    const i64 size = (stored_bounds[wanted.size] - stored_bounds[0]) / 4;
    Vector<u32> texts(own_size + size), found(own_sets + size), spare(size), places;
    Vector<i64> begins(rows + 1), bounds(rows + 1);
    const View<const u32> own = shingles.slice(starts[0], starts[n]);
    const View<const u32> own_values = sets.slice(set_bounds[0], set_bounds[n]);
    std::copy(own.begin(), own.end(), texts.begin());
    std::copy(own_values.begin(), own_values.end(), found.begin());
    for (i64 row = 0; row < n; row++) {
        begins[row + 1] = starts[row + 1] - starts[0];
        bounds[row + 1] = set_bounds[row + 1] - set_bounds[0];
    }
    i64 at = own_size, count = own_sets, row = n;
    for (i64 k = 0; k < wanted.size; k++) {
        const View<const u8> bytes = stored.slice(stored_bounds[k], stored_bounds[k + 1]);
        demand(bytes.size % 4 == 0, "a text that is cut short");
        demand(row <= wanted[k] && wanted[k] < rows, "rows of stored texts that don't ascend");
        for (; row < wanted[k]; row++) begins[row + 1] = at, bounds[row + 1] = count;
        const i64 begin = at;
        for (i64 byte = 0; byte < bytes.size; byte += 4)
            texts[at++] = word_at(bytes, byte);
        count += sorted_set(View<const u32>(texts).slice(begin, at),
                            View<u32>(found).slice(count, count + at - begin), spare,
                            places);
        begins[row + 1] = at, bounds[row + 1] = count;
        row++;
    }
    for (; row < rows; row++) begins[row + 1] = at, bounds[row + 1] = count;
    found.resize(static_cast<std::size_t>(count));
    return {std::move(texts), std::move(begins), std::move(found), std::move(bounds)};
}

std::tuple<Vector<f64>, Vector<f64>> overlaps(View<const u32> sets, View<const i64> bounds,
                                              View2<const i32> pairs) {
    Vector<f64> jaccard(pairs.rows), containment(pairs.rows);
    for (i64 p = 0; p < pairs.rows; p++) {
        const i64 i_start = bounds[pairs(p, 0)], i_end = bounds[pairs(p, 0) + 1];
        const i64 j_start = bounds[pairs(p, 1)], j_end = bounds[pairs(p, 1) + 1];
        i64 same = 0;
        for (i64 i = i_start, j = j_start; i < i_end && j < j_end;) {
            const u32 a = sets[i], b = sets[j];
            same += a == b;
            i += a <= b;
            j += b <= a;
        }
        const i64 one = i_end - i_start, other = j_end - j_start;
        const f64 shared = static_cast<f64>(same);
        jaccard[p] = shared / static_cast<f64>(std::max<i64>(one + other - same, 1));
        containment[p] = shared / static_cast<f64>(std::max<i64>(std::min(one, other), 1));
    }
    return {std::move(jaccard), std::move(containment)};
}

std::tuple<Vector<u64>, Vector<i64>> sampled_values(View<const u32> values,
                                                    View<const i64> bounds, View<const i32> rows,
                                                    i64 keep, i64 beside) {
    const u32 mask = static_cast<u32>((u64{1} << keep) - 1);
    const u32 next = static_cast<u32>((u64{1} << beside) - 1);
    demand(0 <= beside && beside <= keep, "more bits of the value beside than there is room for");
    Vector<u64> found, taken;
    Vector<i64> counts(bounds.size - 1);
    for (const i64 row : rows) {
        const i64 start = bounds[row], end = bounds[row + 1];
        if (static_cast<i64>(taken.size()) < end - start)
            taken.resize(static_cast<std::size_t>(end - start));
        // Without a branch: the place is written each time, and kept if the value is.
        i64 count = 0;
        for (i64 k = start; k < end; k++) {
            const u32 key = values[k] | (values[std::min(k + 1, end - 1)] & next);
            taken[count] = u64{key} << 32 | static_cast<u64>(row);
            count += (values[k] & mask) == 0;
        }
        found.insert(found.end(), taken.begin(), taken.begin() + count);
        counts[row] += count;
    }
    return {std::move(found), std::move(counts)};
}

std::tuple<Vector<i32>, Vector<i64>> entries_by_row(View<const u64> found,
                                                    View<const i64> counts) {
    Vector<i64> starts(counts.size + 1);
    for (i64 row = 0; row < counts.size; row++) starts[row + 1] = starts[row] + counts[row];
    Vector<i32> places(found.size);
    Vector<i64> at(starts.begin(), starts.end() - 1);
    for (i64 k = 0; k < found.size; k++) {
        const i64 row = static_cast<i64>(found[k] & LOW);
        places[at[row]++] = static_cast<i32>(k);
    }
    return {std::move(places), std::move(starts)};
}

Table<i32> meetings(View<const u64> found, View<const i32> places, View<const i64> starts,
                    View<const i64> counts, i64 limit, f64 share, i64 few, i64 first, i64 stop) {
    Vector<i32> times(counts.size), met(counts.size + 1);
    Table<i32> pairs(0, 2);
    for (i64 row = first; row < stop; row++) {
        i64 seen = 0;
        for (i64 at = starts[row]; at < starts[row + 1]; at++) {
            const i64 k = places[at];
            const u64 value = found[k] >> 32;
            i64 begin = k, end = k + 1;
            while (begin > 0 && k - begin <= limit && found[begin - 1] >> 32 == value) begin--;
            while (end < found.size && end - begin <= limit && found[end] >> 32 == value) end++;
            if (end - begin > limit) continue;
            for (i64 other = k + 1; other < end; other++) {
                const i32 partner = static_cast<i32>(found[other] & LOW);
                if (partner <= row) continue;
                met[seen] = partner;
                seen += times[partner] == 0;
                times[partner]++;
            }
        }
        for (i64 k = 0; k < seen; k++) {
            const i32 partner = met[k];
            const i64 shared = times[partner];
            const f64 wanted = share * static_cast<f64>(std::min(counts[row], counts[partner]));
            if (static_cast<f64>(shared) >= wanted ||
                (shared >= few && static_cast<f64>(2 * shared) >= wanted))
                pairs.append({static_cast<i32>(row), partner});
            times[partner] = 0;
        }
    }
    pairs.values.shrink_to_fit();
    return pairs;
}

}  // namespace

void bind_pairs(nb::module_ &m) {
    m.def("distinct_values", &distinct_values, Unlocked(), "values"_a, "bounds"_a, "chosen"_a, R"(
The distinct values of the ``chosen`` (n,) rows, ascending in each: values, bounds (n + 1,).

``values`` are ragged by ``bounds`` (n + 1,); the rows that are not chosen are empty.)");
    m.def("texts_at_hand", &texts_at_hand, Unlocked(), "shingles"_a, "starts"_a, "sets"_a,
          "set_bounds"_a, "stored"_a, "stored_bounds"_a, "wanted"_a, "rows"_a, R"(
The shingles of incoming and of stored texts: values, starts, sets, their bounds; (rows + 1,) each.

Incoming ones are ragged by ``starts`` (n + 1,), their sets by ``set_bounds``. The ``stored`` ones
are bytes, four a shingle, bounded by ``stored_bounds`` (k + 1,): those of the rows ``wanted`` (k,),
which ascend. All other rows after the first n are empty.)");
    m.def("overlaps", &overlaps, Unlocked(), "sets"_a, "bounds"_a, "pairs"_a, R"(
Jaccard, and containment in the smaller, of the sets of each of ``pairs`` (m, 2): (m,) each.

Values ascend in each set. Two empty sets have nothing in common.)");
    m.def("sampled_values", &sampled_values, Unlocked(), "values"_a, "bounds"_a, "rows"_a, "keep"_a,
          "beside"_a, R"(
``value << 32 | row`` of the values that end in ``keep`` zero bits.

The last ``beside`` of those are taken from the value after it, ``keep`` at most; the last value of
a row has none after it. Of the given ``rows``; and how many each row of n gave: (n,).)");
    m.def("entries_by_row", &entries_by_row, Unlocked(), "found"_a, "counts"_a, R"(
Places of the entries of each row, one row after the other, and where each row's begin (n + 1,).

``found`` as from sampled_values, sorted; ``counts`` (n,).)");
    m.def("meetings", &meetings, Unlocked(), "found"_a, "places"_a, "starts"_a, "counts"_a,
          "limit"_a, "share"_a, "few"_a, "first"_a, "stop"_a, R"(
Pairs of a row in ``first`` to ``stop`` and a later one that share sampled values: (m, 2).

They must share at least ``share`` of the fewer of the two, or half of that and ``few``; a value of
more than ``limit`` rows is passed over.)");
}

}  // namespace dedupe
