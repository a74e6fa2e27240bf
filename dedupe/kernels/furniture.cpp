// Terms that a group of articles has in common, and how alike those are that hold them.
//
// Rows of terms are `columns` (m,), ragged by `bounds` (n + 1,).
#include <cmath>

#include "postings.h"

namespace dedupe {
namespace {

std::tuple<Vector<i64>, Vector<i32>> common_terms(View<const i64> members,
                                                  View<const u32> columns,
                                                  View<const i64> bounds, View<i32> held,
                                                  i32 least) {
    demand(least > 0, "a term that nobody holds is not in common");
    i64 size = 0;
    for (const i64 row : members) {
        size += bounds[row + 1] - bounds[row];
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) held[columns[k]]++;
    }
    Vector<i64> found;
    if (size > held.size) {
        for (i64 column = 0; column < held.size; column++)
            if (held[column] >= least) found.push_back(column);
    } else {
        for (const i64 row : members) {
            for (i64 k = bounds[row]; k < bounds[row + 1]; k++) {
                const i64 column = columns[k];
                if (held[column] < least) continue;
                found.push_back(column);
                held[column] = -held[column];  // so that it is found once
            }
        }
        std::sort(found.begin(), found.end());
    }
    Vector<i32> counts;
    for (const i64 column : found) counts.push_back(std::abs(held[column]));
    if (size > held.size) {
        held.fill(0);
    } else {
        for (const i64 row : members)
            for (i64 k = bounds[row]; k < bounds[row + 1]; k++) held[columns[k]] = 0;
    }
    return {std::move(found), std::move(counts)};
}

void mark_terms(View<const i64> members, View<const u32> columns, View<const i64> bounds,
                View<i32> held, View<const i64> chosen, View<bool> found) {
    for (const i64 column : chosen) held[column] = 1;
    for (const i64 row : members) {
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) found[k] |= held[columns[k]] != 0;
    }
    for (const i64 column : chosen) held[column] = 0;
}

// Some rows of terms with what each term weighs, one row after the other.
struct Weighed {
    Vector<u32> columns;
    Vector<f32> weights;
    Vector<i64> bounds;

    Weighed(View<const i64> rows, View<const u32> all_columns, View<const i64> all_bounds,
            View<const i64> spoken, View2<const f32> idf)
        : bounds(rows.size + 1) {
        for (i64 i = 0; i < rows.size; i++)
            bounds[i + 1] = bounds[i] + all_bounds[rows[i] + 1] - all_bounds[rows[i]];
        columns.resize(static_cast<std::size_t>(bounds[rows.size]));
        weights.resize(columns.size());
        for (i64 i = 0; i < rows.size; i++) {
            const View<const f32> own = idf[spoken[rows[i]]];
            const i64 ahead = all_bounds[rows[i]] - bounds[i];
            for (i64 k = bounds[i]; k < bounds[i + 1]; k++) {
                columns[k] = all_columns[k + ahead];
                weights[k] = own[columns[k]];
            }
        }
    }
};

// Sets the cosine of two rows, both ways, where both have a length.
void set_cosine(Table<f32> &cosines, i64 i, i64 j, f32 dot, View<const f32> squares) {
    if (squares[i] > 0 && squares[j] > 0)
        cosines(i, j) = cosines(j, i) = dot / std::sqrt(squares[i] * squares[j]);
}

std::tuple<Table<f32>, Table<f32>, Table<f32>> cosines_among(
    View<const i64> rows, View<const u32> columns, View<const i64> bounds,
    View<const i64> spoken, View2<const f32> idf, View<const i64> common) {
    const i64 size = rows.size;
    Vector<i32> number(idf.columns, -1);
    for (i64 at = 0; at < common.size; at++) number[common[at]] = static_cast<i32>(at);
    const Weighed terms(rows, columns, bounds, spoken, idf);
    Table<f32> holds(common.size, size), without(size, size), whole(size, size);
    Vector<f32> square(size), rest_square(size), spread(idf.columns);
    for (i64 i = 0; i < size; i++) {
        for (i64 k = terms.bounds[i]; k < terms.bounds[i + 1]; k++) {
            const f32 own = terms.weights[k] * terms.weights[k];
            const i32 at = number[terms.columns[k]];
            square[i] += own;
            if (at < 0)
                rest_square[i] += own;
            else
                holds(at, i) = 1;
        }
    }
    for (i64 i = 0; i < size; i++) {
        for (i64 k = terms.bounds[i]; k < terms.bounds[i + 1]; k++)
            spread[terms.columns[k]] = terms.weights[k];
        for (i64 j = 0; j < i; j++) {
            f32 dot = 0, rest = 0;
            for (i64 k = terms.bounds[j]; k < terms.bounds[j + 1]; k++) {
                const u32 column = terms.columns[k];
                const f32 value = spread[column] * terms.weights[k];
                dot += value;
                rest += number[column] < 0 ? value : 0;
            }
            set_cosine(without, i, j, rest, rest_square);
            set_cosine(whole, i, j, dot, square);
        }
        for (i64 k = terms.bounds[i]; k < terms.bounds[i + 1]; k++) spread[terms.columns[k]] = 0;
    }
    return {std::move(without), std::move(whole), std::move(holds)};
}

}  // namespace

void bind_furniture(nb::module_ &m) {
    m.def("common_terms", &common_terms, Unlocked(), "members"_a, "columns"_a, "bounds"_a,
          "held"_a, "least"_a, R"(
Columns that at least ``least`` of the rows ``members`` hold, ascending, and how many do: (k,), (k,).

``held`` (width,) is zeros and is left so.)");
    m.def("mark_terms", &mark_terms, Unlocked(), "members"_a, "columns"_a, "bounds"_a, "held"_a,
          "chosen"_a, "found"_a, R"(
Marks the entries of the ``chosen`` columns in the rows ``members``: ``found`` (m,).

``held`` (width,) is zeros and is left so.)");
    m.def("cosines_among", &cosines_among, Unlocked(), "rows"_a, "columns"_a, "bounds"_a,
          "spoken"_a, "idf"_a, "common"_a, R"(
Cosines of all pairs of k rows without the ``common`` columns and with them, and who holds.

Each term weighs its ``idf`` (languages, width) in the row's language. Two (k, k), 0 of a row with
itself, and (common, k), 1 where a row holds the column.)");
}

}  // namespace dedupe
