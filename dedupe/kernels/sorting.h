// Sorting of hashes: what rooms share that keep them in order.
#pragma once

#include "array.h"

#include <bit>

namespace dedupe {

// Mean number of hashes in one part with each, above which they do not lie evenly.
inline constexpr u64 CROWDED = 16;

// Sorts values by keys of so many bits that are hashes, and so lie evenly in their range: each is
// put near its place by the upper bits of its key, and insertion does the rest. Those of one key
// stay in order. False, and nothing is changed, where they do not lie evenly, as where someone chose
// them. `spare` and `places` are scratch, the first as long as the values.
template <class T, class Key>
bool sort_by_hashes(View<T> values, int bits, View<T> spare, Vector<u32> &places, Key key) {
    const i64 size = values.size;
    const int wide = static_cast<int>(std::bit_width(static_cast<u64>(size)));
    const int upper = std::min(bits, std::max(wide - 1, 0));
    const int shift = bits - upper;
    const auto part = [shift, key](T value) {
        return static_cast<i64>(static_cast<u64>(key(value)) >> shift);
    };
    places.assign((std::size_t{1} << upper) + 1, 0);
    const View<u32> counts(places);
    u64 met = 0;  // by each hash those of its part that came before
    for (const T value : values) met += counts[part(value) + 1]++;
    if (met > CROWDED * static_cast<u64>(size)) return false;
    for (i64 k = 1; k < counts.size; k++) counts[k] += counts[k - 1];
    for (const T value : values) spare[counts[part(value)]++] = value;
    for (i64 i = 0; i < size; i++) {
        const T value = spare[i];
        i64 k = i;
        for (; k > 0 && key(values[k - 1]) > key(value); k--) values[k] = values[k - 1];
        values[k] = value;
    }
    return true;
}

// Sorts hashes of so many bits.
inline void sort_hashes(View<u32> values, int bits, View<u32> spare, Vector<u32> &places) {
    if (!sort_by_hashes(values, bits, spare, places, [](u32 value) { return value; }))
        std::sort(values.begin(), values.end());
}

}  // namespace dedupe
