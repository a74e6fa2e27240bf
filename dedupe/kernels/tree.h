// Sparse graphs and their average-linkage trees: what other rooms share of them.
#pragma once

#include "array.h"

namespace dedupe {

// A graph by rows: neighbours and chances, ragged by bounds (n + 1,), each pair from both sides. A
// pair that is absent has chance 0.
struct Graph {
    View<const i32> neighbours;
    View<const f64> chances;
    View<const i64> bounds;

    i64 size() const { return bounds.size - 1; }
};

// As the docstrings of the bindings say.
std::tuple<Vector<i32>, Vector<f64>, Vector<i64>> adjacency(View2<const i32> pairs,
                                                           View<const f64> values, f64 least,
                                                           i64 n);

Table<i32> average_tree(View<const i32> neighbours, View<const f64> chances,
                        View<const i64> bounds, View<const f64> sizes, f64 floor);

Vector<i32> best_partition(View2<const i32> merges, View<const i32> neighbours,
                           View<const f64> chances, View<const i64> bounds,
                           View<const f64> sizes);

}  // namespace dedupe
