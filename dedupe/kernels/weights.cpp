// Sparse weight rows: their heaviest terms, pairs that share some, cosines of pairs.
//
// Rows are ragged arrays `columns` (m,) and `weights` (m,), bounded by (n + 1,), in the order of
// term buckets within a row.
#include "postings.h"
#include "shared.h"

namespace dedupe {
namespace {

// The smallest of the `most` heaviest weights of a row; 0 where it has no more than so many.
f32 least_of_heaviest(View<const f32> row, i64 most, Vector<f32> &scratch) {
    if (row.size <= most) return 0;
    if (most < 1) throw std::invalid_argument("at least one term of a row must be kept");
    scratch.assign(row.begin(), row.end());
    const auto place = scratch.end() - most;
    std::nth_element(scratch.begin(), place, scratch.end());
    return *place;
}

void heaviest(View<const u32> columns, View<const f32> weights, View<const i64> bounds,
              View<const i32> chosen, i64 most, View2<u32> kept, View2<f32> kept_weights,
              View<i64> sizes) {
    Vector<f32> scratch;
    for (i64 at = 0; at < chosen.size; at++) {
        const i64 start = bounds[chosen[at]], end = bounds[chosen[at] + 1];
        const f32 least = least_of_heaviest(weights.slice(start, end), most, scratch);
        i64 above = 0;
        for (i64 k = start; k < end; k++) above += weights[k] > least;
        i64 equal = most - above, count = 0;
        for (i64 k = start; k < end && count < most; k++) {
            bool take = weights[k] > least;
            if (!take && weights[k] == least && weights[k] > 0 && equal > 0) {
                equal--;
                take = true;
            }
            if (!take) continue;
            kept(at, count) = columns[k];
            kept_weights(at, count) = weights[k];
            count++;
        }
        sizes[at] = count;
    }
}

std::tuple<Vector<u32>, Vector<f32>, Vector<i64>> telling(
    View<const u32> columns, View<const f32> weights, View<const i64> bounds,
    View<const i64> buckets, i64 n, i64 most) {
    const i64 rows = rows_within(bounds, columns.size);
    demand(weights.size == columns.size, "not one weight a term");
    demand(0 <= n && n <= rows && most > 0, "more rows than there are, or no term of each");
    Table<u32> kept(n, most);
    Table<f32> kept_weights(n, most);
    Vector<i32> chosen(n);
    Vector<i64> sizes(n), ends(n + 1);
    for (i64 row = 0; row < n; row++) chosen[row] = static_cast<i32>(row);
    heaviest(columns, weights, bounds, chosen, most, kept.view(), kept_weights.view(), sizes);
    Vector<u32> keys;
    Vector<f32> values;
    for (i64 row = 0; row < n; row++) {
        for (i64 k = 0; k < sizes[row]; k++) {
            const i64 column = kept(row, k);
            demand(column < buckets.size, "a column without a bucket");
            keys.push_back(static_cast<u32>(buckets[column]));
            values.push_back(kept_weights(row, k));
        }
        ends[row + 1] = static_cast<i64>(keys.size());
    }
    return {std::move(keys), std::move(values), std::move(ends)};
}

std::tuple<Vector<i32>, Vector<f32>, Vector<i64>> postings(View2<const u32> kept,
                                                          View2<const f32> kept_weights,
                                                          View<const i64> sizes, i64 width) {
    Vector<i64> starts(width + 1);
    for (i64 row = 0; row < sizes.size; row++)
        for (i64 k = 0; k < sizes[row]; k++) starts[i64{kept(row, k)} + 1]++;
    for (i64 column = 0; column < width; column++) starts[column + 1] += starts[column];
    Vector<i32> rows(starts[width]);
    Vector<f32> weights(starts[width]);
    Vector<i64> places(starts.begin(), starts.end() - 1);
    for (i64 row = 0; row < sizes.size; row++) {
        for (i64 k = 0; k < sizes[row]; k++) {
            const i64 at = places[kept(row, k)]++;
            rows[at] = static_cast<i32>(row);
            weights[at] = kept_weights(row, k);
        }
    }
    return {std::move(rows), std::move(weights), std::move(starts)};
}

std::tuple<Table<i32>, Vector<f32>> sharing(View2<const u32> kept, View2<const f32> kept_weights,
                                            View<const i64> sizes, View<const i32> rows,
                                            View<const f32> weights, View<const i64> starts,
                                            f32 least, i64 limit, i64 first, i64 stop) {
    const i64 n = sizes.size;
    Vector<f32> dot(n);
    Vector<i32> met(n + 1);
    Vector<f32> values(n + 1), products;
    Table<i32> found(0, 2);
    for (i64 row = first; row < stop; row++) {
        i64 meetings = 0;
        for (i64 k = 0; k < sizes[row]; k++) {
            const i64 column = kept(row, k);
            const f32 weight = kept_weights(row, k);
            const i64 start = starts[column], end = starts[column + 1];
            if (end - start > limit) continue;
            for (i64 at = first_from(rows, start, end, static_cast<i32>(row + 1)); at < end; at++) {
                const i32 other = rows[at];
                // Without a branch: the place is written each time, and kept at the first meeting.
                met[meetings] = other;
                meetings += dot[other] == 0;
                dot[other] += weight * weights[at];
            }
        }
        // Those that are near enough move up, again without a branch.
        i64 near = 0;
        for (i64 k = 0; k < meetings; k++) {
            const i32 other = met[k];
            met[near] = other;
            values[near] = dot[other];
            near += dot[other] >= least;
            dot[other] = 0;
        }
        for (i64 k = 0; k < near; k++) found.append({static_cast<i32>(row), met[k]});
        products.insert(products.end(), values.begin(), values.begin() + near);
    }
    found.values.shrink_to_fit();
    products.shrink_to_fit();
    return {std::move(found), std::move(products)};
}

Vector<f32> dots(View<const u32> kept, View<const f32> kept_weights, i64 size,
                 View<const i32> rows, View<const f32> weights, View<const i64> starts, i64 n,
                 i64 row, f32 least) {
    Vector<f32> dot(n);
    for (i64 k = 0; k < size; k++) {
        const i64 column = kept[k];
        const f32 weight = kept_weights[k];
        const i64 end = starts[column + 1];
        for (i64 at = starts[column]; at < end; at++) dot[rows[at]] += weight * weights[at];
    }
    dot[row] = 0;
    // With most others a row has nothing in common: they are passed over many at a time.
    constexpr i64 MANY = 64;
    Vector<f32> found;
    for (i64 start = 0; start < n; start += MANY) {
        const i64 end = std::min(start + MANY, n);
        i32 near = 0;
        for (i64 other = start; other < end; other++) near += dot[other] >= least;
        if (near == 0) continue;
        i64 filled = start;
        for (i64 other = start; other < end; other++) {
            const f32 value = dot[other];
            dot[filled] = value;
            filled += value >= least;
        }
        found.insert(found.end(), dot.begin() + start, dot.begin() + filled);
    }
    return found;
}

template <class T>
void cosines(View<const u32> columns, View<const f32> weights, View<const i64> bounds, i64 width,
             View2<const T> pairs, View<f32> found) {
    Vector<f32> spread(width);
    Present present(width);
    i64 current = -1;
    for (i64 p = 0; p < pairs.rows; p++) {
        const i64 a = pairs(p, 0), b = pairs(p, 1);
        if (p + 1 < pairs.rows) {
            const i64 next = pairs(p + 1, 1);
            fetch(columns, bounds[next], bounds[next + 1]);
            fetch(weights, bounds[next], bounds[next + 1]);
        }
        if (a != current) {
            if (current >= 0) present.clear(columns.slice(bounds[current], bounds[current + 1]));
            for (i64 k = bounds[a]; k < bounds[a + 1]; k++) {
                spread[columns[k]] = weights[k];
                present.put(columns[k]);
            }
            current = a;
        }
        f32 total = 0;  // in the order of the row, of what is in common: all else would add 0
        for (const i64 k : present.common(columns, bounds[b], bounds[b + 1]))
            total += weights[k] * spread[columns[k]];
        found[p] = std::min(total, 1.0f);
    }
}

}  // namespace

void bind_weights(nb::module_ &m) {
    m.def("heaviest", &heaviest, Unlocked(), "columns"_a, "weights"_a, "bounds"_a, "chosen"_a,
          "most"_a, "kept"_a, "kept_weights"_a, "sizes"_a, R"(
The ``most`` heaviest terms of the ``chosen`` rows (n,); of equal ones the first.

Fills ``kept`` and ``kept_weights`` (n, most), in order, and ``sizes`` (n,). Terms of no weight are
passed over.)");
    m.def("telling", &telling, Unlocked(), "columns"_a, "weights"_a, "bounds"_a, "buckets"_a,
          "n"_a, "most"_a, R"(
Buckets and weights of the ``most`` heaviest terms of the first n rows, ragged: (m,), (n + 1,).

Rows are bounded by ``bounds``, ``buckets`` (w,) are those of the columns; terms as of heaviest.)");
    m.def("postings", &postings, Unlocked(), "kept"_a, "kept_weights"_a, "sizes"_a, "width"_a, R"(
The inverted index over ``kept`` (n, most): rows and weights (m,), ragged by column.

Rows ascend within a column; ``width`` is the number of columns. Returns rows, weights, and where
each column's begin (width + 1,).)");
    m.def("sharing", &sharing, Unlocked(), "kept"_a, "kept_weights"_a, "sizes"_a, "rows"_a,
          "weights"_a, "starts"_a, "least"_a, "limit"_a, "first"_a, "stop"_a, R"(
Pairs of a row in ``first`` to ``stop`` and a later one, and their dot products: (m, 2), (m,).

Those whose heaviest terms alone have one of at least ``least``.

A term that more than ``limit`` rows hold among their heaviest counts for none of them.)");
    m.def("dots", &dots, Unlocked(), "kept"_a, "kept_weights"_a, "size"_a, "rows"_a, "weights"_a,
          "starts"_a, "n"_a, "row"_a, "least"_a,
          "Dot products of at least ``least`` of one row's terms with those of all other rows.");
    m.def("cosines", &cosines<i32>, Unlocked(), "columns"_a, "weights"_a, "bounds"_a, "width"_a,
          "pairs"_a, "found"_a, R"(
Fills ``found`` (m,) with the dot products of ``pairs`` (m, 2) of rows.

Runs of pairs with the same first row are cheapest: that row is spread out once.)");
    m.def("cosines", &cosines<i64>, Unlocked(), "columns"_a, "weights"_a, "bounds"_a, "width"_a,
          "pairs"_a, "found"_a);
}

}  // namespace dedupe
