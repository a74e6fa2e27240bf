// Names and numbers that articles share: what other rooms share of it.
#pragma once

#include "array.h"

namespace dedupe {

// Ragged rows: columns, values, marks, bounds (n + 1,).
using Rows = std::tuple<Vector<u32>, Vector<f32>, Vector<u8>, Vector<i64>>;

// The entries of rows whose column is a name or a number: columns, masses (IDF), flags, bounds.
//
// `left_out` (m,), or empty for none, are entries that count for nothing. `kinds` (width,) are
// NAME, NUMBER or 0; `spoken` (n,) is each row's language, `idf` (languages, width).
Rows marked_rows(View<const u32> columns, View<const u8> flags, View<const i64> bounds,
                 View<const bool> left_out, View<const u8> kinds, View<const i64> spoken,
                 View2<const f32> idf);

}  // namespace dedupe
