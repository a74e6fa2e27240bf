// What rows of terms have in common: ragged arrays of columns, ascending in each row.
#pragma once

#include "array.h"

namespace dedupe {

// Tells the processor that the values from `first` to `last` are read soon. Rows lie all over
// memory, and to wait for them is a third of what it takes to compare two.
template <class T> void fetch(View<const T> values, i64 first, i64 last) {
#ifdef __GNUC__
    constexpr i64 LINE = 64 / sizeof(T);
    for (const T *at = values.data + first; at < values.data + last; at += LINE)
        __builtin_prefetch(at);
#else
    (void)values, (void)first, (void)last;
#endif
}

// The columns of one row, a bit each: all columns fit the cache next to the processor so, where
// what the row holds in each would not.
struct Present {
    Vector<u64> bits;
    Vector<i64> met;  // places of entries of another row, see common

    explicit Present(i64 width) : bits(width / 64 + 1) {}

    void put(u32 column) { bits[column >> 6] |= u64{1} << (column & 63); }
    void clear(View<const u32> columns) {
        for (const u32 column : columns) bits[column >> 6] = 0;
    }

    // The places from `start` to `end` whose column is present, in order.
    //
    // Without a branch: one entry in ten is in common, which no processor guesses.
    View<const i64> common(View<const u32> columns, i64 start, i64 end) {
        if (static_cast<i64>(met.size()) < end - start)
            met.resize(static_cast<std::size_t>(end - start));
        const View<i64> places(met);
        const View<const u64> held(bits);
        i64 count = 0;
        for (i64 k = start; k < end; k++) {
            const u32 column = columns[k];
            places[count] = k;
            count += static_cast<i64>(held[column >> 6] >> (column & 63) & 1);
        }
        return View<const i64>(met).slice(0, count);
    }
};

}  // namespace dedupe
