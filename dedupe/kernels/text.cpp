// Text to tokens, shingles and signatures: what dedupe.text says, compiled.
//
// Texts come in Arrow's string layout: `data` (all texts joined, in UTF-8) and `offsets` (n + 1,).
#include "text.h"

#include <bit>
#include <cstring>

#include "spelling.h"
#include "vectors.h"

namespace dedupe {
namespace {

// Words in capitals of which a line has at least so many, and so many to one other, are a headline
// and no names, unless another word is as long as LONG_WORD.
constexpr i64 MANY_CAPITALS = 4, TO_ONE = 3, LONG_WORD = 4;
// Bytes of a ticker behind its exchange, of the exchange, and of the market behind a ticker, at most.
constexpr i64 LONGEST_TICKER = 6, LONGEST_EXCHANGE = 12, LONGEST_MARKET = 2;

// Eight bytes of a text as one number, the first the lowest; and questions about all of them, if
// they are ASCII, answered by the high bit of each.
constexpr u64 EACH = 0x0101010101010101, HIGH = 0x80 * EACH;

u64 eight(View<const u8> data, i64 i) {
    u64 bytes = 0;
    if constexpr (std::endian::native == std::endian::little)
        std::memcpy(&bytes, data.slice(i, i + 8).data, 8);
    else
        for (int k = 0; k < 8; k++) bytes |= static_cast<u64>(data[i + k]) << (8 * k);
    return bytes;
}

Flags uncomposed(View<const u8> data, View<const i64> offsets, View<const u16> kinds) {
    const i64 n = offsets.size - 1;
    if (n < 1) return Flags();
    const i64 end = offsets[n];
    Flags found(n);
    i64 row = 0;
    for (i64 i = offsets[0]; i < end;) {
        if (data[i] < 0x80) {
            i++;
            while (i + 8 <= end) {
                const u64 high = eight(data, i) & HIGH;
                i += std::countr_zero(high) >> 3;  // eight if there is none
                if (high) break;
            }
            continue;
        }
        const Decoded next = decode(data, i);
        if (kinds[next.point] & RECOMPOSE) {
            while (offsets[row + 1] <= i) row++;
            found[row] = 1;
            i = offsets[row + 1];
        } else {
            i += next.width;
        }
    }
    return found;
}

u64 within(u64 bytes, u8 first, u8 last) {
    return (bytes + (0x80 - first) * EACH) & ~(bytes + (0x7F - last) * EACH);
}

u64 differ(u64 bytes, u8 value) { return (bytes ^ value * EACH) + 0x7F * EACH; }

// The letters and digits that eight bytes of a text begin with.
struct Run {
    u64 folded;
    int length;
    bool spelt;  // all but the first, of which what is before it decides

    explicit Run(u64 bytes) {
        const u64 low = bytes & ~HIGH;
        folded = low | 0x20 * EACH;
        const u64 letters = within(folded, 'a', 'z') | within(low, '0', '9');
        const u64 others = (bytes | ~letters) & HIGH;
        length = std::countr_zero(others) >> 3;
        // The second letters of ae, oe, ue and ss are not: see dedupe.spelling.DOUBLED.
        const u64 no_vowel = differ(folded, 'a') & differ(folded, 'o') & differ(folded, 'u');
        const u64 no_s = differ(folded, 's');
        const u64 sure = (differ(folded, 'e') | no_vowel << 8) & (no_s | no_s << 8);
        const u64 own = ~others & (others - 1);  // all bits below the first of the others
        spelt = (~sure & own & (HIGH << 8)) == 0;
    }

    // The hash of a word that they go on. Eight are hashed, and the hash of as many as are letters
    // is taken: the length of a word is what a branch could not foresee.
    u64 hash(u64 value) const {
        u64 steps[9] = {value};
        for (int k = 0; k < 8; k++) steps[k + 1] = fnv(steps[k], folded >> (8 * k) & 0xFF);
        return steps[length];
    }
};

// A character, or the end of a text.
struct Sign {
    u32 point = ' ';
    i64 entry = 0, width = 1;
    i64 kind() const { return entry & CLASS_MASK; }
    i64 script() const { return entry >> SCRIPT_SHIFT; }
};

bool is_capital(u8 byte) { return 'A' <= byte && byte <= 'Z'; }

bool is_letter(u8 byte) { return is_capital(byte & ~0x20); }

// Whether a word from `start` to `stop` of the text from `first` to `end` is a ticker, as a wire
// writes it: <IBM>, <IBM.N> or (NYSE: IBM).
bool is_ticker(View<const u8> data, i64 first, i64 start, i64 stop, i64 end) {
    if (start == first || stop == end) return false;
    i64 at = stop;
    if (data[start - 1] == '<') {
        if (data[at] == '.')
            for (at++; at < end && at <= stop + LONGEST_MARKET && is_capital(data[at]);) at++;
        return at < end && data[at] == '>';
    }
    if (data[stop] != ')' || stop - start > LONGEST_TICKER ||
        !is_capital(data[stop - 1]))
        return false;
    at = start - 1;
    if (data[at] == ' ' && at > first) at--;
    if (data[at] != ':') return false;
    const i64 exchange = at;
    while (at > first && exchange - at < LONGEST_EXCHANGE && is_letter(data[at - 1])) at--;
    return at < exchange && at > first && data[at - 1] == '(';
}

// A line: its first token, its words that begin with a capital, those that do not, and whether one
// of these is long.
struct Line {
    i64 first, capitals = 0, small = 0;
    bool with_long = false;

    bool in_capitals() const {
        return capitals >= std::max(MANY_CAPITALS, TO_ONE * small) && !with_long;
    }
};

// Reads texts, token by token.
struct Tokenizer {
    const View<const u8> data;
    const Characters &table;
    const Ascii &ascii;
    const View<u64> hashes, stems;
    const View<u8> flags;
    i64 count = 0;
    // Of the text that is read:
    Line line{0};
    bool opening = true;       // of a sentence
    bool point_after = false;  // a number is followed by a point or comma

    Sign sign_at(i64 i, i64 end) const {
        if (i == end) return {};
        if (data[i] < 0x80) return {data[i], table.kinds[data[i]], 1};
        const Decoded next = decode(data, i);
        return {next.point, table.kinds[next.point], next.width};
    }

    void add(u64 hash, u64 stem, u8 mark) {
        hashes[count] = hash;
        if (stems.size) stems[count] = stem;
        flags[count] = mark;
        count++;
    }

    // Reads the word that begins with that sign at byte `start` of the text from `first` to `end`.
    // Returns where it ends.
    i64 add_word(const Sign &sign, i64 start, i64 first, i64 end) {
        i64 i = start;
        u64 hash = FNV_OFFSET;
        // Most words are of usual letters alone, which stand for spelling and stem alike.
        const bool usual = ascii.usual && sign.point < 0x80;
        u32 left_out = 0;
        while (usual && i + 8 <= end) {
            const Run run(eight(data, i));
            if (!run.spelt || (run.folded & 0xFF) == left_out) break;
            hash = run.hash(hash);
            i += run.length;
            if (run.length < 8) break;
            left_out = ascii.doubled[run.folded >> 56];
        }
        Word word{hash, hash, i - start, i};
        if (i == start || i == end || !ascii.parting[data[i]])
            word = read_word(data, start, i, end, table, ascii, hash);
        // No branches where they could not be foreseen.
        const u32 folded = table.folds[sign.point];
        const bool capital = sign.entry & UPPER, number = '0' <= folded && folded <= '9';
        const bool several = word.length > 1, small = !(capital | number);
        const u8 next = word.end < end ? data[word.end] : ' ';
        u8 mark = NAME * (capital & !opening & several);
        if (capital && is_ticker(data, first, start, word.end, end))
            mark = NAME | TICKER;
        mark |= NUMBER * number | JOINED * (number & point_after);
        line.capitals += capital;
        line.small += small;
        line.with_long |= small & (word.length >= LONG_WORD);
        opening = false;
        point_after = number & ((next == '.') | (next == ','));
        const u64 mixed = mix(word.value);
        add(mixed, word.stem == word.value ? mixed : mix(word.stem), mark);
        return word.end;
    }

    void end_line() {
        if (line.in_capitals())
            for (i64 k = line.first; k < count; k++)
                if (!(flags[k] & TICKER)) flags[k] &= ~NAME;
        line = Line{count};
    }

    void add_text(i64 first, i64 end) {
        line = Line{count};
        opening = true;
        point_after = false;
        i64 previous = BREAK, script = 0;
        for (i64 i = first; i <= end;) {
            Sign sign = sign_at(i, end);
            if (sign.kind() == IGNORE) {
                i += sign.width;
                continue;
            }
            if (sign.kind() == WORD) {
                i = add_word(sign, i, first, end);
                sign = sign_at(i, end);  // not of a word
                previous = WORD;
            } else {
                point_after = false;
            }
            if (sign.kind() != BREAK) {
                const u64 mixed = mix(fnv(FNV_OFFSET, table.spellings[sign.point]));
                const bool together = sign.kind() == previous && sign.script() == script;
                const u8 mark = sign.kind() == IDEOGRAM ? IDEOGRAPHIC : SYLLABIC;
                add(mixed, mixed, mark | JOINED * together);
                opening = false;
            } else if (sign.entry & SENTENCE_END && !point_after) {
                opening = true;
            }
            previous = sign.kind();
            script = sign.script();
            if (sign.point == NEWLINE || i == end) end_line();
            i += sign.width;
            if (previous != BREAK) continue;
            for (; i < end && ascii.space[data[i]]; i++) point_after = false;
        }
    }
};

i64 tokenize(View<const u8> data, View<const i64> offsets, View<const u16> kinds,
             View<const u32> folds, View<const u32> spellings, View2<const u16> twins,
             View<u64> hashes, View<u64> stems, View<u8> flags, View<i64> bounds) {
    const Characters table{kinds, folds, spellings, twins};
    const Ascii ascii(table);
    Tokenizer tokenizer{data, table, ascii, hashes, stems, flags};
    bounds[0] = 0;
    for (i64 row = 0; row < offsets.size - 1; row++) {
        tokenizer.add_text(offsets[row], offsets[row + 1]);
        bounds[row + 1] = tokenizer.count;
    }
    return tokenizer.count;
}

i64 shingle(View<const u64> hashes, View<const i64> bounds, i64 words, View<u32> shingles,
            View<i64> starts, View<u64> contents) {
    u64 leaving = SHINGLE_BASE;  // what the hash of the word that leaves has been multiplied by
    for (i64 k = 1; k < words; k++) leaving *= SHINGLE_BASE;
    i64 count = 0;
    starts[0] = 0;
    for (i64 row = 0; row < bounds.size - 1; row++) {
        const i64 first = bounds[row], end = bounds[row + 1], full = std::min(first + words, end);
        u64 content = 0, value = end - first < words ? static_cast<u64>(end - first) : 0;
        for (i64 i = first; i < full; i++) {
            content = content * CONTENT_BASE + hashes[i];
            value = value * SHINGLE_BASE + hashes[i];
        }
        if (end > first) shingles[count++] = static_cast<u32>(mix(value) >> 32);
        for (i64 i = full; i < end; i++) {
            content = content * CONTENT_BASE + hashes[i];
            value = value * SHINGLE_BASE + (hashes[i] - hashes[i - words] * leaving);
            shingles[count++] = static_cast<u32>(mix(value) >> 32);
        }
        contents[row] = mix(content);
        starts[row + 1] = count;
    }
    return count;
}

template <class T>
void place_rows(View<const T> values, View<const i64> bounds, View<const i64> places,
                View<T> target) {
    for (i64 row = 0; row < places.size; row++) {
        const View<const T> own = values.slice(bounds[row], bounds[row + 1]);
        std::copy(own.begin(), own.end(),
                  target.slice(places[row], places[row] + own.size).begin());
    }
}

template <class T> void bind_place_rows(nb::module_ &m) {
    m.def("place_rows", &place_rows<T>, Unlocked(), "values"_a, "bounds"_a, "places"_a, "target"_a,
          "Copies the rows of ragged ``values`` to where ``places`` (n,) says, in ``target``.");
}

}  // namespace

void bind_text(nb::module_ &m) {
    m.attr("NAME") = static_cast<int>(NAME);
    m.attr("NUMBER") = static_cast<int>(NUMBER);
    m.def("uncomposed", &uncomposed, Unlocked(), "data"_a, "offsets"_a, "kinds"_a,
          "Which texts may not be in composed form (NFC): (n,).");
    m.def("tokenize", &tokenize, Unlocked(), "data"_a, "offsets"_a, "kinds"_a, "folds"_a,
          "spellings"_a, "twins"_a, "hashes"_a, "stems"_a, "flags"_a, "bounds"_a, R"(
Token hashes and flags of each text, one after the other.

``kinds``, ``folds`` and ``spellings`` are by code point, ``twins`` (3, t) by script and code point,
see :class:`dedupe.spelling.Characters`. ``hashes`` and ``flags`` must hold ``data.size`` entries,
``stems`` as many or none: it is filled with what the story view counts. ``bounds`` (n + 1,) is
filled with where each text's tokens begin. Returns the number of tokens.)");
    m.def("shingle", &shingle, Unlocked(), "hashes"_a, "bounds"_a, "words"_a, "shingles"_a,
          "starts"_a, "contents"_a, R"(
32-bit shingle hashes of each text, one after the other, and a hash of its whole sequence.

``shingles`` holds at least as many entries as there are tokens; ``starts`` (n + 1,) and
``contents`` (n,) are filled. Returns the number of shingles.)");
    m.def("spread", &spread, "value"_a,
          "The finaliser of MurmurHash3, 32 bits: datasketch mixes each input with it (affine32).");
    m.def("minhash", &minhash, Unlocked(), "values"_a, "starts"_a, "multipliers"_a, "increments"_a,
          "signatures"_a, R"(
MinHash signatures, datasketch's ``affine32``: min over a * h + b modulo 2**32.

``starts`` (n + 1,), ``multipliers`` and ``increments`` (p,); fills ``signatures`` (n, p). An empty
set keeps the largest value everywhere.)");
    bind_place_rows<bool>(m);
    bind_place_rows<u8>(m);
    bind_place_rows<u16>(m);
    bind_place_rows<u32>(m);
    bind_place_rows<u64>(m);
    bind_place_rows<i32>(m);
    bind_place_rows<i64>(m);
    bind_place_rows<f32>(m);
    bind_place_rows<f64>(m);
}

}  // namespace dedupe
