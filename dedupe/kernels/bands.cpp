// Signatures to candidate pairs: locality-sensitive hashing by sorting.
//
// Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, section 3.4. A band is a run of `rows`
// values of a signature; articles that agree in all rows of a band share a bucket. Instead of a
// hash table, each band's keys are sorted: buckets are runs of equal keys.
#include "array.h"
#include "text.h"
#include "vectors.h"

namespace dedupe {
namespace {

void band_keys(View2<const u32> signatures, i64 start, i64 rows, View<u64> keys) {
    for (i64 i = 0; i < signatures.rows; i++) {
        u64 value = 0;
        for (i64 k = start; k < start + rows; k++) value = mix(value ^ signatures(i, k));
        keys[i] = value;
    }
}

// Index of the first band in which two signatures agree; `bands` where there is none.
i64 first_shared_band(View<const u32> a, View<const u32> b, i64 bands, i64 rows) {
    for (i64 band = 0; band < bands; band++) {
        i64 k = 0;
        while (k < rows && a[band * rows + k] == b[band * rows + k]) k++;
        if (k == rows) return band;
    }
    return bands;
}

std::tuple<Table<i32>, i64> bucket_pairs(View2<const u32> signatures, View<const i64> order,
                                         View<const u64> keys, i64 band, i64 bands, i64 rows,
                                         i64 limit, i64 least) {
    const i64 n = order.size;
    Table<i32> found(0, 2);
    i64 left_out = 0;
    for (i64 first = 0, end; first < n; first = end) {
        end = first + 1;
        while (end < n && keys[order[end]] == keys[order[first]]) end++;
        for (i64 i = first; i < end; i++) {
            const i64 stop = std::min(end, i + 1 + limit);
            left_out += end - stop;
            for (i64 j = i + 1; j < stop; j++) {
                const auto a = signatures[order[i]], b = signatures[order[j]];
                if (agreeing(a, b) < least || first_shared_band(a, b, bands, rows) != band)
                    continue;
                found.append({static_cast<i32>(order[i]), static_cast<i32>(order[j])});
            }
        }
    }
    return {std::move(found), left_out};
}

Vector<i64> agreements(View2<const u32> signatures, View2<const i32> pairs) {
    Vector<i64> found(pairs.rows);
    for (i64 p = 0; p < pairs.rows; p++)
        found[p] = agreeing(signatures[pairs(p, 0)], signatures[pairs(p, 1)]);
    return found;
}

}  // namespace

void bind_bands(nb::module_ &m) {
    m.def("band_keys", &band_keys, Unlocked(), "signatures"_a, "start"_a, "rows"_a, "keys"_a,
          "Fills ``keys`` (n,) with the bucket of each article in the band at ``start``.");
    m.def("bucket_pairs", &bucket_pairs, Unlocked(), "signatures"_a, "order"_a, "keys"_a, "band"_a,
          "bands"_a, "rows"_a, "limit"_a, "least"_a, R"(
Pairs that first meet in ``band`` and agree in at least ``least`` values.

``order`` (n,) sorts ``keys``; within one bucket it must keep ascending indices. In a bucket of more
than ``limit`` articles each is paired with the ``limit`` that follow it only. Returns (m, 2) with
the smaller index first, and the number of pairs left out so.)");
    m.def("agreements", &agreements, Unlocked(), "signatures"_a, "pairs"_a,
          "In how many values the signatures of each pair agree: (m,).");
}

}  // namespace dedupe
