// Signatures, value by value, in a version for each instruction set: chosen when the module is
// loaded, with the same results in all.
#include "vectors.h"

#include <cstring>

#include "text.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define DEDUPE_WIDER 1
#define DEDUPE_INLINE inline __attribute__((always_inline))
#else
#define DEDUPE_INLINE inline
#endif

namespace dedupe {
namespace {

// The bodies below are compiled once in each version. Their pointers are to different arrays and
// say so, else their loops would not be turned into vector instructions.

DEDUPE_INLINE u32 lower(u32 a, u32 b) { return a < b ? a : b; }

DEDUPE_INLINE void sign_body(const u32 *__restrict values, i64 count,
                             const u32 *__restrict multipliers, const u32 *__restrict increments,
                             u32 *__restrict signature, i64 size) {
    if (count == 0) {
        for (i64 k = 0; k < size; k++) signature[k] = 0xFFFFFFFF;
        return;
    }
    const u32 first = spread(values[0]);
    for (i64 k = 0; k < size; k++) signature[k] = multipliers[k] * first + increments[k];
    i64 i = 1;
    for (; (count - i) % 4 != 0; i++) {
        const u32 mixed = spread(values[i]);
        for (i64 k = 0; k < size; k++)
            signature[k] = lower(signature[k], multipliers[k] * mixed + increments[k]);
    }
    // Then four at a time, so that permutations and signature are fetched once for all of them.
    for (; i < count; i += 4) {
        const u32 m0 = spread(values[i]), m1 = spread(values[i + 1]), m2 = spread(values[i + 2]),
                  m3 = spread(values[i + 3]);
        for (i64 k = 0; k < size; k++) {
            const u32 a = multipliers[k], b = increments[k];
            const u32 one = lower(a * m0 + b, a * m1 + b), two = lower(a * m2 + b, a * m3 + b);
            signature[k] = lower(signature[k], lower(one, two));
        }
    }
}

DEDUPE_INLINE i64 agree_body(const u32 *__restrict a, const u32 *__restrict b, i64 size) {
    u32 same = 0;
    for (i64 k = 0; k < size; k++) same += a[k] == b[k];
    return same;
}

// A version: the instruction set, whether this machine has it, and what is compiled for it.
struct Version {
    const char *name;
    bool (*runs)();
    void (*sign)(const u32 *values, i64 count, const u32 *multipliers, const u32 *increments,
                 u32 *signature, i64 size);
    i64 (*agree)(const u32 *a, const u32 *b, i64 size);
};

#define DEDUPE_VERSION(NAME, TARGET)                                                               \
    TARGET void sign_##NAME(const u32 *values, i64 count, const u32 *multipliers,                  \
                            const u32 *increments, u32 *signature, i64 size) {                     \
        sign_body(values, count, multipliers, increments, signature, size);                        \
    }                                                                                              \
    TARGET i64 agree_##NAME(const u32 *a, const u32 *b, i64 size) { return agree_body(a, b, size); }

DEDUPE_VERSION(baseline, )
#ifdef DEDUPE_WIDER
DEDUPE_VERSION(sse41, __attribute__((target("sse4.1"))))
DEDUPE_VERSION(avx2, __attribute__((target("avx2"))))
DEDUPE_VERSION(avx512, __attribute__((target("avx512f"))))
#endif

// The widest first.
constexpr Version VERSIONS[] = {
#ifdef DEDUPE_WIDER
    {"avx512", [] { return __builtin_cpu_supports("avx512f") != 0; }, sign_avx512, agree_avx512},
    {"avx2", [] { return __builtin_cpu_supports("avx2") != 0; }, sign_avx2, agree_avx2},
    // Without the least of two unsigned numbers, the baseline takes almost four times as long.
    {"sse41", [] { return __builtin_cpu_supports("sse4.1") != 0; }, sign_sse41, agree_sse41},
#endif
    {"baseline", [] { return true; }, sign_baseline, agree_baseline},
};

const Version &widest() {
#ifdef DEDUPE_WIDER
    __builtin_cpu_init();
#endif
    const Version *version = VERSIONS;
    while (!version->runs()) version++;
    return *version;
}

const Version &CHOSEN = widest();

void minhash_by(const Version &version, View<const u32> values, View<const i64> starts,
                View<const u32> multipliers, View<const u32> increments, View2<u32> signatures) {
    const i64 size = signatures.columns;
    const u32 *a = multipliers.slice(0, size).data, *b = increments.slice(0, size).data;
    for (i64 row = 0; row < starts.size - 1; row++) {
        const View<const u32> own = values.slice(starts[row], starts[row + 1]);
        version.sign(own.data, own.size, a, b, signatures[row].data, size);
    }
}

void minhash_with(const char *name, View<const u32> values, View<const i64> starts,
                  View<const u32> multipliers, View<const u32> increments, View2<u32> signatures) {
    for (const Version &version : VERSIONS) {
        if (std::strcmp(version.name, name) != 0 || !version.runs()) continue;
        minhash_by(version, values, starts, multipliers, increments, signatures);
        return;
    }
    throw std::invalid_argument("no instruction set of this machine");
}

// The instruction sets that this machine has, the widest first.
nb::typed<nb::list, nb::str> widths() {
    nb::typed<nb::list, nb::str> names;
    for (const Version &version : VERSIONS)
        if (version.runs()) names.append(version.name);
    return names;
}

}  // namespace

i64 agreeing(View<const u32> a, View<const u32> b) {
    return CHOSEN.agree(a.data, b.slice(0, a.size).data, a.size);
}

void minhash(View<const u32> values, View<const i64> starts, View<const u32> multipliers,
             View<const u32> increments, View2<u32> signatures) {
    minhash_by(CHOSEN, values, starts, multipliers, increments, signatures);
}

void bind_vectors(nb::module_ &m) {
    m.def("widths", &widths, "Instruction sets that this machine can run, the widest first.");
    m.def("minhash_with", &minhash_with, Unlocked(), "name"_a, "values"_a, "starts"_a,
          "multipliers"_a, "increments"_a, "signatures"_a,
          "As ``minhash`` of the room of texts, with the instruction set of that name.");
}

}  // namespace dedupe
