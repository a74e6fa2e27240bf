// Tokens to hashed term counts; the language of a text.
#include "terms.h"

#include "postings.h"
#include "sorting.h"

#include <bit>
#include <cstring>

namespace dedupe {

namespace {

// Appends the terms of the token at `i`, and of those that are joined to it. Returns where the next
// begins.
i64 pack_run(View<const u64> stems, View<const u8> flags, i64 i, i64 end, i64 bits, u8 place,
             i64 lead, View<u64> packed, i64 start, i64 &count) {
    i64 stop = i + 1;
    if (flags[i] & (IDEOGRAPHIC | SYLLABIC | NUMBER))
        while (stop < end && flags[stop] & JOINED) stop++;
    i64 width = stop - i;
    if (flags[i] & (IDEOGRAPHIC | SYLLABIC))
        width = std::min<i64>(flags[i] & IDEOGRAPHIC ? 2 : 3, width);
    for (i64 j = i; j + width <= stop; j++) {
        u64 value = stems[j];
        if (width > 1 || flags[j] & (IDEOGRAPHIC | SYLLABIC)) {
            value = 0;
            for (i64 k = j; k < j + width; k++) value = value * GRAM_BASE + stems[k];
            value = mix(value);
        }
        u64 mark = (flags[j] & (NAME | NUMBER)) | place;
        if (flags[j] & TICKER) mark |= CODE;
        if (count - start < lead) mark |= LEAD;
        packed[count] = ((value >> (64 - bits)) << 8) | mark;
        count++;
    }
    return stop;
}

}  // namespace

i64 pack_terms(View<const u64> stems, View<const u8> flags, i64 first, i64 end, i64 bits, u8 place,
               i64 lead, View<u64> packed, i64 count) {
    const i64 start = count;
    for (i64 i = first; i < end;)
        i = pack_run(stems, flags, i, end, bits, place, lead, packed, start, count);
    return count;
}

i64 pack_marked(View<const u64> stems, View<const u8> flags, i64 first, i64 end, i64 bits, i64 lead,
                View<u64> packed, i64 count) {
    const i64 start = count;
    i64 i = first;
    while (i < end && count - start < lead)
        i = pack_run(stems, flags, i, end, bits, 0, lead, packed, start, count);
    // Plain words are all that is passed over: the tokens of a run are read from its first.
    constexpr u8 OTHERS = NAME | NUMBER | IDEOGRAPHIC | SYLLABIC | TICKER;
    while (i < end) {
        if (i + 8 <= end) {
            u64 eight = 0;
            std::memcpy(&eight, flags.slice(i, i + 8).data, 8);
            if ((eight & OTHERS * u64{0x0101010101010101}) == 0) {
                i += 8;
                continue;
            }
        }
        if (flags[i] & OTHERS)
            i = pack_run(stems, flags, i, end, bits, 0, lead, packed, start, count);
        else
            i++;
    }
    return count;
}

i64 repeated(View<const u64> title, i64 first, i64 end, View<const u64> body, i64 start, i64 stop) {
    if (end - first > stop - start) return 0;
    for (i64 k = 0; k < end - first; k++)
        if (title[first + k] != body[start + k]) return 0;
    return end - first;
}

namespace {

// Hashes, stems and flags of tokens, and the bounds of texts or lines among them.
using Tokens = std::tuple<View<const u64>, View<const u64>, View<const u8>, View<const i64>>;
// Buckets, counts and flags of terms, and the bounds of articles among them.
using Terms = std::tuple<Vector<u32>, Vector<u16>, Vector<u8>, Vector<i64>>;
// The place of each occurrence of a term, the bounds of articles, and the ends of lines.
using Places = std::tuple<Vector<u16>, Vector<i64>, Vector<i64>>;

constexpr i64 RADIX = 11, DIGITS = 1 << RADIX;
constexpr i64 MOST = 65535;  // what 16 bits hold

// The packed terms of one article, and what sorts them.
struct Packed {
    Vector<u64> terms, spare;
    Vector<u32> parts;
    Vector<i64> places = Vector<i64>(DIGITS + 1);

    explicit Packed(i64 longest) : terms(longest), spare(longest) {}

    // The first `count` terms sorted by bucket; those of one bucket stay in order.
    View<const u64> sorted(i64 count, i64 bits) {
        const u64 low = (u64(1) << bits) - 1;
        const auto bucket = [low](u64 term) { return (term >> 8) & low; };
        View<u64> source = View<u64>(terms).slice(0, count), target = spare;
        if (sort_by_hashes(source, static_cast<int>(bits), target, parts, bucket)) return source;
        // By radix, least digit first.
        const i64 passes = (bits + RADIX - 1) / RADIX;
        for (i64 pass = 0; pass < passes; pass++) {
            distribute(source, target, count, 8 + pass * RADIX);
            std::swap(source, target);
        }
        return source;
    }

  private:
    void distribute(View<const u64> source, View<u64> target, i64 count, i64 shift) {
        const auto digit = [shift](u64 term) {
            return static_cast<i64>((term >> shift) & (DIGITS - 1));
        };
        std::fill(places.begin(), places.end(), 0);
        for (i64 i = 0; i < count; i++) places[digit(source[i]) + 1]++;
        for (i64 k = 0; k < DIGITS; k++) places[k + 1] += places[k];
        for (i64 i = 0; i < count; i++) target[places[digit(source[i])]++] = source[i];
    }
};

// The first `size` values, in no more memory than they need.
template <class T> Vector<T> &&cut(Vector<T> &values, i64 size) {
    values.resize(static_cast<std::size_t>(size));
    values.shrink_to_fit();
    return std::move(values);
}

// How many tokens the title and the text of one article have at most.
i64 longest_of(View<const i64> title_bounds, View<const i64> bounds, View<const i64> firsts) {
    i64 longest = 0;
    for (i64 row = 0; row < firsts.size - 1; row++) {
        const i64 size = bounds[firsts[row + 1]] - bounds[firsts[row]];
        longest = std::max(longest, size + title_bounds[row + 1] - title_bounds[row]);
    }
    return longest;
}

std::tuple<Terms, Places> count_lines(const Tokens &title, View<const i64> cuts, const Tokens &body,
                                      View<const i64> firsts, i64 bits, i64 lead) {
    const auto &[title_hashes, title_stems, title_flags, title_bounds] = title;
    const auto &[hashes, stems, flags, bounds] = body;
    const i64 n = firsts.size - 1, most = title_hashes.size + hashes.size;
    Vector<u32> buckets(most);
    Vector<u16> counts(most), order(most);
    Vector<u8> marks(most);
    Vector<i64> ends(n + 1), placed(n + 1), line_ends(2 * n + bounds.size - 1);
    Packed packed(longest_of(title_bounds, bounds, firsts));
    const u64 low = (u64(1) << bits) - 1;
    i64 total = 0, line = 0;
    for (i64 row = 0; row < n; row++) {
        const i64 first = title_bounds[row], end = title_bounds[row + 1];
        const i64 stop = bounds[firsts[row + 1]];
        i64 start = bounds[firsts[row]], size = 0;
        start += repeated(title_hashes, first, end, hashes, start, stop);
        for (const auto &[from, to] : {std::pair(first, cuts[row]), std::pair(cuts[row], end)}) {
            size = pack_terms(title_stems, title_flags, from, to, bits, TITLE, 0, packed.terms,
                              size);
            line_ends[line++] = size;
        }
        const i64 led = lead + size;
        for (i64 at = firsts[row]; at < firsts[row + 1]; at++) {
            size = pack_terms(stems, flags, std::max(start, bounds[at]), bounds[at + 1], bits, 0,
                              led - size, packed.terms, size);
            line_ends[line++] = size;
        }
        // The place rides above what is sorted by.
        for (i64 k = 0; k < size; k++) packed.terms[k] |= static_cast<u64>(k) << 32;
        const View<const u64> ordered = packed.sorted(size, bits);
        const i64 base = placed[row];
        for (i64 i = 0; i < size;) {
            const u64 bucket = (ordered[i] >> 8) & low;
            const u16 rank = static_cast<u16>(std::min(total - ends[row], MOST));
            u64 mark = 0;
            i64 count = 0;
            for (; i < size && ((ordered[i] >> 8) & low) == bucket; i++, count++) {
                mark |= ordered[i];
                order[base + static_cast<i64>(ordered[i] >> 32)] = rank;
            }
            buckets[total] = static_cast<u32>(bucket);
            marks[total] = static_cast<u8>(mark);
            counts[total] = static_cast<u16>(std::min(count, MOST));
            total++;
        }
        ends[row + 1] = total;
        placed[row + 1] = base + size;
    }
    const i64 occurrences = placed[n];
    return {Terms(cut(buckets, total), cut(counts, total), cut(marks, total), std::move(ends)),
            Places(cut(order, occurrences), std::move(placed), std::move(line_ends))};
}

Terms count_terms(const Tokens &title, const Tokens &body, i64 bits, i64 lead) {
    // Each text is one line, and no title has an end of its own.
    const View<const i64> title_bounds = std::get<3>(title);
    Vector<i64> firsts(std::get<3>(body).size);
    for (i64 row = 0; row < static_cast<i64>(firsts.size()); row++) firsts[row] = row;
    const View<const i64> cuts = title_bounds.slice(1, title_bounds.size);
    return std::get<0>(count_lines(title, cuts, body, firsts, bits, lead));
}

void vote(View<const u64> stems, View<const i64> bounds, View<const u64> words,
          View<const u64> masks, i64 languages, i64 most, f64 least, View<i16> found) {
    const u64 known = languages < 64 ? (u64(1) << languages) - 1 : ~u64(0);
    Vector<f64> votes(languages);
    for (i64 row = 0; row < bounds.size - 1; row++) {
        const i64 first = bounds[row], end = std::min(bounds[row + 1], first + most);
        std::fill(votes.begin(), votes.end(), 0.0);
        for (i64 i = first; i < end; i++) {
            const i64 at = first_from(words, 0, words.size, stems[i]);
            if (at == words.size || words[at] != stems[i]) continue;
            const u64 common = masks[at] & known;
            const f64 share = 1.0 / std::popcount(common);
            for (u64 left = common; left; left &= left - 1) votes[std::countr_zero(left)] += share;
        }
        const i64 best = std::max_element(votes.begin(), votes.end()) - votes.begin();
        const f64 needed = least * static_cast<f64>(end - first);
        found[row] = votes[best] > needed ? static_cast<i16>(best) : i16(-1);
    }
}

}  // namespace

void bind_terms(nb::module_ &m) {
    m.attr("TITLE") = static_cast<int>(TITLE);
    m.attr("LEAD") = static_cast<int>(LEAD);
    m.attr("CODE") = static_cast<int>(CODE);
    m.def("count_terms", &count_terms, Unlocked(), "title"_a, "body"_a, "bits"_a, "lead"_a, R"(
Term counts of each article, sorted by bucket, one article after the other.

``title`` and ``body`` are (hashes, stems, flags, bounds (n + 1,)); a body that begins with its
title counts it once. Returns buckets (m,), counts (m,), flags (m,): the union over a term's
occurrences, and bounds (n + 1,).)");
    m.def("count_lines", &count_lines, Unlocked(), "title"_a, "cuts"_a, "body"_a, "firsts"_a,
          "bits"_a, "lead"_a, R"(
The same of articles whose ``body`` has bounds of lines, (l + 1,).

``firsts`` (n + 1,) are the first line of each, ``cuts`` (n,) where the end of each title begins.
Returns the terms as count_terms does, and of all occurrences in order: place among the terms of the
article, bounds (n + 1,), and where each line ends among those of its article: its title, the end of
the title, and all lines of the body.)");
    m.def("vote", &vote, Unlocked(), "stems"_a, "bounds"_a, "words"_a, "masks"_a, "languages"_a,
          "most"_a, "least"_a, "found"_a, R"(
Fills ``found`` (n,) with each text's language; -1 where too few words vote.

``words`` (w,), ascending, are hashes of common words' stems, ``masks`` (w,) the languages in which
each is common: its vote is shared among them. The first ``most`` tokens vote, and a language needs
``least`` of them, as a share.)");
}

}  // namespace dedupe
