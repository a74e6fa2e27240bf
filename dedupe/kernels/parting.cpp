// Where lines begin and titles end: at line breaks, and at signs between spaces that part.
//
// Texts are in UTF-8, all joined, with the offsets (n + 1,) of each.
#include "array.h"
#include "text.h"

#include <cstring>
#include <string_view>

namespace dedupe {
namespace {

constexpr u8 SPACE = 32;
constexpr i64 LONGEST_SIGN = 3;
// Bar, middle dot, closing guillemet, bullet and closing single guillemet part the items of menus.
constexpr std::string_view BARS[] = {"|", "\xC2\xB7", "\xC2\xBB", "\xE2\x80\xA2", "\xE2\x80\xBA"};
// These, and hyphen, colon, en dash and em dash, part a title from the name of a site.
constexpr std::string_view DASHES[] = {"-", ":", "\xE2\x80\x93", "\xE2\x80\x94"};

template <std::size_t N>
bool is_one_of(View<const u8> word, const std::string_view (&signs)[N]) {
    const std::string_view bytes(reinterpret_cast<const char *>(word.data),
                                 static_cast<std::size_t>(word.size));
    return std::find(signs, signs + N, bytes) != signs + N;
}

bool is_bar(View<const u8> word) {
    return 0 < word.size && word.size <= LONGEST_SIGN && is_one_of(word, BARS);
}

bool is_sign(View<const u8> word) {
    return is_bar(word) || (word.size <= LONGEST_SIGN && is_one_of(word, DASHES));
}

Vector<i64> title_cuts(View<const u8> data, View<const i64> offsets) {
    Vector<i64> found(offsets.size - 1);
    for (i64 row = 0; row < offsets.size - 1; row++) {
        const i64 first = offsets[row], end = offsets[row + 1];
        found[row] = end;
        for (i64 i = end - 1; i > first; i--) {
            if (data[i] != SPACE) continue;
            i64 before = i - 1;
            while (before > first && data[before] != SPACE) before--;
            if (data[before] == SPACE && is_sign(data.slice(before + 1, i))) {
                found[row] = i;
                break;
            }
        }
    }
    return found;
}

// Whether a byte may end a line or begin a bar.
bool may_part(u8 byte) { return byte == NEWLINE || byte == '|' || byte == 0xC2 || byte == 0xE2; }

// The first place from `i` on at which a byte may part, or `end`. Eight plain bytes at a time.
i64 next_parting(View<const u8> data, i64 i, i64 end) {
    constexpr u64 EACH = 0x0101010101010101, HIGH = 0x80 * EACH;
    while (i + 8 <= end) {
        u64 bytes = 0;
        std::memcpy(&bytes, data.slice(i, i + 8).data, 8);
        const u64 breaks = bytes ^ NEWLINE * EACH, bars = bytes ^ '|' * EACH;
        if (((((breaks - EACH) & ~breaks) | ((bars - EACH) & ~bars) | bytes) & HIGH) == 0)
            i += 8;
        else if (const u8 *found = std::find_if(data.data + i, data.data + i + 8, may_part);
                 found < data.data + i + 8)
            return found - data.data;
        else
            i += 8;
    }
    while (i < end && !may_part(data[i])) i++;
    return i;
}

// Where the bar that begins at `i` ends, between spaces or behind the start of the text; -1 for
// none.
i64 end_of_bar(View<const u8> data, i64 first, i64 i, i64 end) {
    if (i > first && data[i - 1] != SPACE) return -1;
    for (i64 stop = i + 1; stop <= i + LONGEST_SIGN && stop < end; stop++)
        if (data[stop] == SPACE) return is_bar(data.slice(i, stop)) ? stop : -1;
    return -1;
}

std::tuple<Vector<i64>, Flags> line_bounds(View<const u8> data, View<const i64> offsets) {
    Vector<i64> bounds;
    Flags parted;
    const auto add = [&](i64 at, bool continues) {
        bounds.push_back(at);
        parted.values.push_back(continues);
    };
    for (i64 row = 0; row < offsets.size - 1; row++) {
        const i64 first = offsets[row], end = offsets[row + 1];
        if (first < end) add(first, false);
        for (i64 i = next_parting(data, first, end); i < end; i = next_parting(data, i + 1, end)) {
            if (data[i] == NEWLINE) {
                if (i + 1 < end && data[i + 1] != SPACE) add(i + 1, false);
            } else if (const i64 stop = end_of_bar(data, first, i, end); stop >= 0) {
                add(stop, true);
            }
        }
    }
    bounds.push_back(offsets[offsets.size - 1]);
    return {std::move(bounds), std::move(parted)};
}

Flags menus(View<const bool> parted, View<const i64> bounds, View<const i64> firsts, i64 least,
            i64 words, f64 most, f64 all_most) {
    Flags found(parted.size);
    for (i64 row = 0; row < firsts.size - 1; row++) {
        const i64 begin = firsts[row], end = firsts[row + 1];
        const f64 size = static_cast<f64>(bounds[end] - bounds[begin]);
        i64 taken = 0;
        for (i64 first = begin, stop; first < end; first = stop) {
            i64 items = 0;
            bool all_short = true;
            stop = first;
            while (stop == first || (stop < end && parted[stop])) {
                const i64 held = bounds[stop + 1] - bounds[stop];
                items += held > 0;
                all_short &= held <= words;
                stop++;
            }
            const i64 held = bounds[stop] - bounds[first];
            if (all_short && items >= least && static_cast<f64>(held) <= most * size) {
                found.view().slice(first, stop).fill(true);
                taken += held;
            }
        }
        if (static_cast<f64>(taken) > all_most * size) found.view().slice(begin, end).fill(false);
    }
    return found;
}

}  // namespace

void bind_parting(nb::module_ &m) {
    m.def("title_cuts", &title_cuts, Unlocked(), "data"_a, "offsets"_a, R"(
Where the end of each title begins, after the last sign that parts: (n,).

The end of the title itself where it has none.)");
    m.def("line_bounds", &line_bounds, Unlocked(), "data"_a, "offsets"_a, R"(
Where lines begin in each text, and where the last ends: (l + 1,), ascending.

A line ends behind a line break, and behind a bar, a dot or a bullet between spaces: the items of a
menu are lines. Also (l,): which of them continue a line in this way.)");
    m.def("menus", &menus, Unlocked(), "parted"_a, "bounds"_a, "firsts"_a, "least"_a, "words"_a,
          "most"_a, "all_most"_a, R"(
Which lines are items of a menu: (l,).

``parted`` (l,) are those that continue a line, ``bounds`` (l + 1,) the tokens of each, ``firsts``
(n + 1,) the first line of each text. A menu is a line of ``least`` items of at most so many
``words`` each, that is no more than the share ``most`` of its text. Where such lines are more than
``all_most`` of it, it is a table, and has none.)");
}

}  // namespace dedupe
