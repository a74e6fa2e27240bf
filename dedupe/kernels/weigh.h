// Document frequencies and TF-IDF rows: what other rooms share of them.
#pragma once

#include "evidence.h"

namespace dedupe {

// A term that an article holds more often counts no more than this: six bits store it.
inline constexpr i64 MOST_COUNT = 63;

// A one-dimensional array that someone else owns, such as one column of a table of NumPy: what is
// of one key lies together there, so that one look-up is one line of memory.
template <class T> struct Column {
    T *data = nullptr;
    i64 size = 0, step = 1;

    Column() = default;
    Column(T *data, i64 size, i64 step) : data(data), size(size), step(step) {}
    template <class O>
    Column(const Column<O> &other)
        requires(std::is_same_v<T, const O>)
        : data(other.data), size(other.size), step(other.step) {}

    T &operator[](i64 i) const {
        check(0 <= i && i < size, "an index past the end of a column");
        return data[i * step];
    }
};

// What terms are weighed by: keys, ln(df + n0 P) of each, that of what the table does not hold;
// of each language where its keys begin, and ln(n + n0).
using Counted = std::tuple<Column<const u32>, Column<const f32>, f32, View<const i64>,
                           View<const f64>>;

// Of all buckets, how many articles hold each, and how many write it as a name.
using Named = std::tuple<Column<const i32>, Column<const i32>>;

// Added to the count of a term that is written as a name, or stands in the title or the lead.
using Raises = std::tuple<f64, f64>;

// IDF (languages, w) of buckets (w,): -ln((df + n0 P) / (n + n0)), at least 0.
Table<f32> blended(View<const i64> buckets, const Counted &counted);

// Numbers each bucket as it is met, its column: buckets (w,), their kinds (w,), columns (m,).
// `places` (all buckets,) is scratch: what it contains does not matter.
std::tuple<Vector<i64>, Vector<u8>, Vector<u32>> numbered(View<const u32> buckets,
                                                          View<const u8> flags,
                                                          View<u32> places);

// Numbered terms as TF-IDF rows of unit length, and the marked_rows of their names and numbers.
// Fills NAME into `kinds`; `left_out` may be empty, `idf` is as blended gives it.
std::tuple<Rows, Rows> weighed_rows(View<const u32> columns, View<const u16> counts,
                                    View<const u8> flags, View<const i64> bounds,
                                    View<const bool> left_out, View<const i64> spoken,
                                    View<const i64> buckets, View<u8> kinds,
                                    View2<const f32> idf, const Named &named, f64 share,
                                    const Raises &raises, f64 least);

}  // namespace dedupe

namespace nanobind::detail {

template <class T> struct type_caster<dedupe::Column<T>> {
    using Strided = ndarray<T, numpy, ndim<1>, device::cpu>;
    NB_TYPE_CASTER(dedupe::Column<T>, array_name<std::remove_const_t<T>>::name)
    make_caster<Strided> held;

    bool from_python(handle src, std::uint32_t flags, cleanup_list *cleanup) noexcept {
        if (!held.from_python(src, flags & ~cast_flags::convert, cleanup)) return false;
        value = {held.value.data(), static_cast<dedupe::i64>(held.value.shape(0)),
                 held.value.stride(0)};
        return true;
    }
};

}  // namespace nanobind::detail
