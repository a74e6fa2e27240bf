// Names and numbers that articles share: what other rooms share of it.
#pragma once

#include "array.h"

namespace dedupe {

// Ragged rows: columns, values, marks, bounds (n + 1,).
using Rows = std::tuple<Vector<u32>, Vector<f32>, Vector<u8>, Vector<i64>>;

// The rows that lie in the first `count` entries of columns which had room for more.
inline Rows rows_of(Vector<u32> columns, Vector<f32> values, Vector<u8> marks, Vector<i64> bounds,
                    i64 count) {
    const auto end = static_cast<std::size_t>(count);
    columns.resize(end), values.resize(end), marks.resize(end);
    return {std::move(columns), std::move(values), std::move(marks), std::move(bounds)};
}

// Lays out marked_rows; `lead(k)` are TITLE and LEAD of an entry.
template <class Lead>
Rows marked_rows_of(View<const u32> columns, View<const i64> bounds, View<const bool> left_out,
                    View<const u8> kinds, View<const i64> spoken, View2<const f32> idf,
                    Lead lead) {
    i64 size = 0;
    for (const u32 column : columns) size += kinds[column] != 0;
    Vector<u32> found_columns(size + 1);
    Vector<f32> found_masses(size + 1);
    Vector<u8> found_marks(size + 1);
    Vector<i64> ends(bounds.size);
    const View<u32> kept(found_columns);
    const View<f32> masses(found_masses);
    const View<u8> marks(found_marks);
    i64 count = 0;
    for (i64 row = 0; row + 1 < bounds.size; row++) {
        const View<const f32> own = idf[spoken[row]];
        for (i64 k = bounds[row]; k < bounds[row + 1]; k++) {
            const u32 column = columns[k];
            const u8 kind = kinds[column];
            // Without a branch: the place is written each time, and kept where it counts.
            kept[count] = column;
            masses[count] = own[column];
            marks[count] = static_cast<u8>(kind | lead(k));
            count += kind != 0 && !(left_out.size && left_out[k]);
        }
        ends[row + 1] = count;
    }
    return rows_of(std::move(found_columns), std::move(found_masses), std::move(found_marks),
                   std::move(ends), count);
}

// The entries of rows whose column is a name or a number: columns, masses (IDF), flags, bounds.
//
// `left_out` (m,), or empty for none, are entries that count for nothing. `kinds` (width,) are
// NAME, NUMBER or 0; `spoken` (n,) is each row's language, `idf` (languages, width).
Rows marked_rows(View<const u32> columns, View<const u8> flags, View<const i64> bounds,
                 View<const bool> left_out, View<const u8> kinds, View<const i64> spoken,
                 View2<const f32> idf);

}  // namespace dedupe
