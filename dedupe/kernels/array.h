// Arrays between NumPy and the kernels: views of those that come in, vectors for those that go out.
//
// A kernel takes View<const T> to read and View<T> to fill, and returns Vector<T>, Table<T>, Flags or
// a std::tuple of such. The casters below accept a C-contiguous array of exactly that type and
// number of dimensions, never a copy of another: what is filled must be the caller's own array.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/tuple.h>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace dedupe {

namespace nb = nanobind;
using namespace nb::literals;

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using f32 = float;
using f64 = double;

#ifdef DEDUPE_CHECKED
// The checked build: every access is held against the length of its array.
inline void check(bool holds, const char *what) {
    if (!holds) throw std::out_of_range(what);
}
#else
inline void check(bool, const char *) {}
#endif

// Has the processor fetch what is going to be asked for: tables of all terms lie in no cache, and a
// look-up that waits for memory takes as long as a hundred steps.
inline void fetch(const void *place) {
#if defined(__GNUC__)
    __builtin_prefetch(place);
#else
    (void)place;
#endif
}
// So many look-ups before it is asked for.
inline constexpr i64 AHEAD = 16;

// A one-dimensional array that someone else owns; also a stretch of one.
template <class T> struct View {
    T *data = nullptr;
    i64 size = 0;

    View() = default;
    View(T *data, i64 size) : data(data), size(size) {}
    // A vector of the kernel itself, or the same array to read only.
    template <class V>
    View(V &other)
        requires requires { { other.data() } -> std::convertible_to<T *>; }
        : data(other.data()), size(static_cast<i64>(other.size())) {}
    template <class O>
    View(const View<O> &other)
        requires(std::is_same_v<T, const O>)
        : data(other.data), size(other.size) {}

    T &operator[](i64 i) const {
        check(0 <= i && i < size, "an index past the end of an array");
        return data[i];
    }
    View slice(i64 first, i64 last) const {
        check(0 <= first && first <= last && last <= size, "a slice past the end of an array");
        return {data + first, last - first};
    }
    T *begin() const { return data; }
    T *end() const { return data + size; }
    void fill(T value) const { std::fill(data, data + size, value); }
};

// A two-dimensional array that someone else owns, row by row.
template <class T> struct View2 {
    T *data = nullptr;
    i64 rows = 0, columns = 0;

    View2() = default;
    View2(T *data, i64 rows, i64 columns) : data(data), rows(rows), columns(columns) {}
    template <class O>
    View2(const View2<O> &other)
        requires(std::is_same_v<T, const O>)
        : data(other.data), rows(other.rows), columns(other.columns) {}

    T &operator()(i64 row, i64 column) const {
        check(0 <= row && row < rows && 0 <= column && column < columns,
              "an index past the end of a table");
        return data[row * columns + column];
    }
    View<T> operator[](i64 row) const {
        check(0 <= row && row < rows, "a row past the end of a table");
        return {data + row * columns, columns};
    }
};

// A two-dimensional array that a kernel makes.
template <class T> struct Table {
    // As vector<bool> has no bytes to show, tables and vectors of bool are of u8, see Flags.
    std::vector<T> values;
    i64 rows = 0, columns = 0;

    Table() = default;
    Table(i64 rows, i64 columns, T value = T())
        : values(static_cast<std::size_t>(rows * columns), value), rows(rows), columns(columns) {}

    T &operator()(i64 row, i64 column) {
        check(0 <= row && row < rows && 0 <= column && column < columns,
              "an index past the end of a table");
        return values[static_cast<std::size_t>(row * columns + column)];
    }
    const T &operator()(i64 row, i64 column) const {
        return const_cast<Table &>(*this)(row, column);
    }
    // One more row of as many values as there are columns.
    void append(std::initializer_list<T> row) {
        check(static_cast<i64>(row.size()) == columns, "a row of another width");
        values.insert(values.end(), row);
        rows++;
    }
    View2<T> view() { return {values.data(), rows, columns}; }
    View2<const T> view() const { return {values.data(), rows, columns}; }
};

// Truth values that go out: one byte each, an array of bool to NumPy.
struct Flags {
    std::vector<u8> values;

    Flags() = default;
    explicit Flags(i64 size, bool value = false)
        : values(static_cast<std::size_t>(size), value ? 1 : 0) {}
    u8 &operator[](i64 i) {
        check(0 <= i && i < static_cast<i64>(values.size()), "an index past the end of flags");
        return values[static_cast<std::size_t>(i)];
    }
    u8 operator[](i64 i) const { return const_cast<Flags &>(*this)[i]; }
    i64 size() const { return static_cast<i64>(values.size()); }
    View<bool> view() {
        static_assert(sizeof(bool) == 1);
        return {reinterpret_cast<bool *>(values.data()), size()};
    }
};

// A kernel's own array, whose accesses the checked build holds against its length.
template <class T> struct Vector : std::vector<T> {
    using std::vector<T>::vector;

    Vector() = default;
    explicit Vector(i64 size, T value = T())
        : std::vector<T>(static_cast<std::size_t>(size), value) {}
    T &operator[](i64 i) {
        check(0 <= i && i < static_cast<i64>(this->size()), "an index past the end of a vector");
        return std::vector<T>::operator[](static_cast<std::size_t>(i));
    }
    const T &operator[](i64 i) const { return const_cast<Vector &>(*this)[i]; }
};

// What every kernel is bound with: the interpreter lock is free while it runs.
using Unlocked = nb::call_guard<nb::gil_scoped_release>;

}  // namespace dedupe

namespace nanobind::detail {

template <class T> struct array_name;
#define DEDUPE_ARRAY_NAME(type, text)                                                              \
    template <> struct array_name<type> {                                                          \
        static constexpr auto name = const_name("numpy.typing.NDArray[numpy." text "]");           \
    }
DEDUPE_ARRAY_NAME(bool, "bool");
DEDUPE_ARRAY_NAME(dedupe::u8, "uint8");
DEDUPE_ARRAY_NAME(dedupe::u16, "uint16");
DEDUPE_ARRAY_NAME(dedupe::u32, "uint32");
DEDUPE_ARRAY_NAME(dedupe::u64, "uint64");
DEDUPE_ARRAY_NAME(dedupe::i16, "int16");
DEDUPE_ARRAY_NAME(dedupe::i32, "int32");
DEDUPE_ARRAY_NAME(dedupe::i64, "int64");
DEDUPE_ARRAY_NAME(dedupe::f32, "float32");
DEDUPE_ARRAY_NAME(dedupe::f64, "float64");
#undef DEDUPE_ARRAY_NAME

template <class T, int N> using Incoming = ndarray<T, numpy, ndim<N>, c_contig, device::cpu>;

template <class T> struct type_caster<dedupe::View<T>> {
    NB_TYPE_CASTER(dedupe::View<T>, array_name<std::remove_const_t<T>>::name)
    make_caster<Incoming<T, 1>> held;

    bool from_python(handle src, std::uint32_t flags, cleanup_list *cleanup) noexcept {
        if (!held.from_python(src, flags & ~cast_flags::convert, cleanup)) return false;
        value = {held.value.data(), static_cast<dedupe::i64>(held.value.shape(0))};
        return true;
    }
};

template <class T> struct type_caster<dedupe::View2<T>> {
    NB_TYPE_CASTER(dedupe::View2<T>, array_name<std::remove_const_t<T>>::name)
    make_caster<Incoming<T, 2>> held;

    bool from_python(handle src, std::uint32_t flags, cleanup_list *cleanup) noexcept {
        if (!held.from_python(src, flags & ~cast_flags::convert, cleanup)) return false;
        value = {held.value.data(), static_cast<dedupe::i64>(held.value.shape(0)),
                 static_cast<dedupe::i64>(held.value.shape(1))};
        return true;
    }
};

// An array of what a vector holds, which goes on to own it.
template <class T, class E, std::size_t N>
handle array_of(std::vector<E> &&values, const std::size_t (&shape)[N], cleanup_list *cleanup) {
    auto *kept = new std::vector<E>(std::move(values));
    capsule owner(kept, [](void *p) noexcept { delete static_cast<std::vector<E> *>(p); });
    Incoming<T, N> array(reinterpret_cast<T *>(kept->data()), N, shape, owner);
    return make_caster<Incoming<T, N>>::from_cpp(array, rv_policy::reference, cleanup);
}

template <class T> struct type_caster<dedupe::Vector<T>> {
    NB_TYPE_CASTER(dedupe::Vector<T>, array_name<T>::name)
    bool from_python(handle, std::uint32_t, cleanup_list *) noexcept { return false; }
    static handle from_cpp(dedupe::Vector<T> &&v, rv_policy, cleanup_list *cleanup) {
        const std::size_t shape[1] = {v.size()};
        return array_of<T>(static_cast<std::vector<T> &&>(v), shape, cleanup);
    }
};

template <class T> struct type_caster<dedupe::Table<T>> {
    NB_TYPE_CASTER(dedupe::Table<T>, array_name<T>::name)
    bool from_python(handle, std::uint32_t, cleanup_list *) noexcept { return false; }
    static handle from_cpp(dedupe::Table<T> &&v, rv_policy, cleanup_list *cleanup) {
        const std::size_t shape[2] = {static_cast<std::size_t>(v.rows),
                                      static_cast<std::size_t>(v.columns)};
        return array_of<T>(std::move(v.values), shape, cleanup);
    }
};

template <> struct type_caster<dedupe::Flags> {
    NB_TYPE_CASTER(dedupe::Flags, array_name<bool>::name)
    bool from_python(handle, std::uint32_t, cleanup_list *) noexcept { return false; }
    static handle from_cpp(dedupe::Flags &&v, rv_policy, cleanup_list *cleanup) {
        const std::size_t shape[1] = {v.values.size()};
        return array_of<bool>(std::move(v.values), shape, cleanup);
    }
};

}  // namespace nanobind::detail
